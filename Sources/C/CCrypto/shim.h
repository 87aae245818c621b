// Only OpenSSL's low-level SHA-256 has a state that can be copied out and put back. It is deprecated since 3.0 in favour of
// an interface that cannot, and stays in every 3.x.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/evp.h>
#include <openssl/sha.h>

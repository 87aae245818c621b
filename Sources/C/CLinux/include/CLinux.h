// What the kernel offers and Swift cannot call by itself: one header a concern.
#include "clock.h"
#include "files.h"
#include "folders.h"
#include "landlock.h"
#include "memory.h"
#include "messages.h"
#include "process.h"
#include "sockets.h"

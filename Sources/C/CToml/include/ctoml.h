#ifndef CTOML_H
#define CTOML_H

/// Placeholder header of the TOML shim.
int ctoml_version(void);

#endif

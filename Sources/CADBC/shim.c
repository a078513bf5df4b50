#include "CADBC.h"

#include <dlfcn.h>
#include <string.h>

// The sizes and places that drivers compiled elsewhere count on, for 64-bit platforms.
_Static_assert(sizeof(void *) == 8, "layouts below are those of 64-bit platforms");
_Static_assert(sizeof(struct ArrowSchema) == 72, "Arrow C data interface");
_Static_assert(sizeof(struct ArrowArray) == 80, "Arrow C data interface");
_Static_assert(sizeof(struct ArrowArrayStream) == 40, "Arrow C stream interface");
_Static_assert(offsetof(struct AdbcError, release) == 24, "ADBC 1.0 error");
_Static_assert(offsetof(struct AdbcError, private_data) == 32, "an ADBC 1.0 error ends here");
_Static_assert(sizeof(struct AdbcError) == 48, "ADBC 1.1 error");
_Static_assert(sizeof(struct AdbcDatabase) == 16, "ADBC 1.0");
_Static_assert(sizeof(struct AdbcConnection) == 16, "ADBC 1.0");
_Static_assert(sizeof(struct AdbcStatement) == 16, "ADBC 1.0");
_Static_assert(sizeof(struct AdbcPartitions) == 40, "ADBC 1.0");
// 3 words of its own and 26 functions; then 29 more.
_Static_assert(offsetof(struct AdbcDriver, ErrorGetDetailCount) == 29 * 8, "an ADBC 1.0 driver ends here");
_Static_assert(sizeof(struct AdbcDriver) == 58 * 8, "ADBC 1.1 driver");

typedef AdbcStatusCode (*InitFunction)(int version, void *driver, struct AdbcError *error);

void *cadbc_load(const char *path, int global) {
    return dlopen(path, RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL));
}

const char *cadbc_load_error(void) { return dlerror(); }

int cadbc_exports(void *library, const char *symbol) { return dlsym(library, symbol) != NULL; }

AdbcStatusCode cadbc_init_driver(
    void *library, const char *entrypoint, struct AdbcDriver *table, int *version, struct AdbcError *error) {
    InitFunction init = (InitFunction)dlsym(library, entrypoint);
    if (!init) return ADBC_NOT_IMPLEMENTED;
    const int versions[] = {ADBC_1_1_0, ADBC_1_0_0};
    AdbcStatusCode status = ADBC_NOT_IMPLEMENTED;
    for (int i = 0; i < 2 && status == ADBC_NOT_IMPLEMENTED; i++) {
        if (error->release) error->release(error);
        memset(error, 0, sizeof *error);
        // A 1.0 driver must not be handed the promise of the 1.1 fields.
        error->vendor_code = versions[i] == ADBC_1_1_0 ? ADBC_ERROR_HAS_PRIVATE_DATA : 0;
        memset(table, 0, sizeof *table);
        *version = versions[i];
        status = init(versions[i], table, error);
    }
    return status;
}

// Declarations of two published C interfaces, written from their specifications:
//   the Arrow C data and stream interfaces  https://arrow.apache.org/docs/format/CDataInterface.html
//   ADBC 1.1, the Arrow database interface  https://arrow.apache.org/adbc/current/format/specification.html
// Only layouts and the few constants that Rapport needs stand here; there is no driver manager: a driver's
// table of functions is filled by its own entry point and called directly. Layouts are asserted in shim.c.
#ifndef RAPPORT_CADBC_H
#define RAPPORT_CADBC_H

#include <stddef.h>
#include <stdint.h>

// MARK: Arrow

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

// MARK: ADBC

typedef uint8_t AdbcStatusCode;

enum {
    ADBC_OK = 0,
    ADBC_NOT_IMPLEMENTED = 2,
    ADBC_CANCELLED = 11,
};

enum {
    ADBC_1_0_0 = 1000000,
    ADBC_1_1_0 = 1001000,
};

/// `vendor_code` before the call: tells the driver that the struct has the 1.1 fields.
#define ADBC_ERROR_HAS_PRIVATE_DATA INT32_MIN

struct AdbcDriver;

struct AdbcError {
    char *message;
    int32_t vendor_code;
    char sqlstate[5];
    void (*release)(struct AdbcError *);
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcErrorDetail {
    const char *key;
    const uint8_t *value;
    size_t value_length;
};

struct AdbcDatabase {
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcConnection {
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcStatement {
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcPartitions {
    size_t num_partitions;
    const uint8_t **partitions;
    const size_t *partition_lengths;
    void *private_data;
    void (*release)(struct AdbcPartitions *);
};

/// The table that a driver's entry point fills. The order of the members is the ABI.
struct AdbcDriver {
    void *private_data;
    void *private_manager;
    AdbcStatusCode (*release)(struct AdbcDriver *, struct AdbcError *);

    // 1.0
    AdbcStatusCode (*DatabaseInit)(struct AdbcDatabase *, struct AdbcError *);
    AdbcStatusCode (*DatabaseNew)(struct AdbcDatabase *, struct AdbcError *);
    AdbcStatusCode (*DatabaseSetOption)(struct AdbcDatabase *, const char *, const char *, struct AdbcError *);
    AdbcStatusCode (*DatabaseRelease)(struct AdbcDatabase *, struct AdbcError *);
    AdbcStatusCode (*ConnectionCommit)(struct AdbcConnection *, struct AdbcError *);
    AdbcStatusCode (*ConnectionGetInfo)(
        struct AdbcConnection *, const uint32_t *, size_t, struct ArrowArrayStream *, struct AdbcError *);
    AdbcStatusCode (*ConnectionGetObjects)(
        struct AdbcConnection *, int, const char *, const char *, const char *, const char **, const char *,
        struct ArrowArrayStream *, struct AdbcError *);
    AdbcStatusCode (*ConnectionGetTableSchema)(
        struct AdbcConnection *, const char *, const char *, const char *, struct ArrowSchema *,
        struct AdbcError *);
    AdbcStatusCode (*ConnectionGetTableTypes)(
        struct AdbcConnection *, struct ArrowArrayStream *, struct AdbcError *);
    AdbcStatusCode (*ConnectionInit)(struct AdbcConnection *, struct AdbcDatabase *, struct AdbcError *);
    AdbcStatusCode (*ConnectionNew)(struct AdbcConnection *, struct AdbcError *);
    AdbcStatusCode (*ConnectionSetOption)(
        struct AdbcConnection *, const char *, const char *, struct AdbcError *);
    AdbcStatusCode (*ConnectionReadPartition)(
        struct AdbcConnection *, const uint8_t *, size_t, struct ArrowArrayStream *, struct AdbcError *);
    AdbcStatusCode (*ConnectionRelease)(struct AdbcConnection *, struct AdbcError *);
    AdbcStatusCode (*ConnectionRollback)(struct AdbcConnection *, struct AdbcError *);
    AdbcStatusCode (*StatementBind)(
        struct AdbcStatement *, struct ArrowArray *, struct ArrowSchema *, struct AdbcError *);
    AdbcStatusCode (*StatementBindStream)(
        struct AdbcStatement *, struct ArrowArrayStream *, struct AdbcError *);
    AdbcStatusCode (*StatementExecuteQuery)(
        struct AdbcStatement *, struct ArrowArrayStream *, int64_t *, struct AdbcError *);
    AdbcStatusCode (*StatementExecutePartitions)(
        struct AdbcStatement *, struct ArrowSchema *, struct AdbcPartitions *, int64_t *, struct AdbcError *);
    AdbcStatusCode (*StatementGetParameterSchema)(
        struct AdbcStatement *, struct ArrowSchema *, struct AdbcError *);
    AdbcStatusCode (*StatementNew)(struct AdbcConnection *, struct AdbcStatement *, struct AdbcError *);
    AdbcStatusCode (*StatementPrepare)(struct AdbcStatement *, struct AdbcError *);
    AdbcStatusCode (*StatementRelease)(struct AdbcStatement *, struct AdbcError *);
    AdbcStatusCode (*StatementSetOption)(
        struct AdbcStatement *, const char *, const char *, struct AdbcError *);
    AdbcStatusCode (*StatementSetSqlQuery)(struct AdbcStatement *, const char *, struct AdbcError *);
    AdbcStatusCode (*StatementSetSubstraitPlan)(
        struct AdbcStatement *, const uint8_t *, size_t, struct AdbcError *);

    // 1.1
    int (*ErrorGetDetailCount)(const struct AdbcError *);
    struct AdbcErrorDetail (*ErrorGetDetail)(const struct AdbcError *, int);
    const struct AdbcError *(*ErrorFromArrayStream)(struct ArrowArrayStream *, AdbcStatusCode *);
    AdbcStatusCode (*DatabaseGetOption)(
        struct AdbcDatabase *, const char *, char *, size_t *, struct AdbcError *);
    AdbcStatusCode (*DatabaseGetOptionBytes)(
        struct AdbcDatabase *, const char *, uint8_t *, size_t *, struct AdbcError *);
    AdbcStatusCode (*DatabaseGetOptionDouble)(
        struct AdbcDatabase *, const char *, double *, struct AdbcError *);
    AdbcStatusCode (*DatabaseGetOptionInt)(
        struct AdbcDatabase *, const char *, int64_t *, struct AdbcError *);
    AdbcStatusCode (*DatabaseSetOptionBytes)(
        struct AdbcDatabase *, const char *, const uint8_t *, size_t, struct AdbcError *);
    AdbcStatusCode (*DatabaseSetOptionDouble)(
        struct AdbcDatabase *, const char *, double, struct AdbcError *);
    AdbcStatusCode (*DatabaseSetOptionInt)(
        struct AdbcDatabase *, const char *, int64_t, struct AdbcError *);
    AdbcStatusCode (*ConnectionCancel)(struct AdbcConnection *, struct AdbcError *);
    AdbcStatusCode (*ConnectionGetOption)(
        struct AdbcConnection *, const char *, char *, size_t *, struct AdbcError *);
    AdbcStatusCode (*ConnectionGetOptionBytes)(
        struct AdbcConnection *, const char *, uint8_t *, size_t *, struct AdbcError *);
    AdbcStatusCode (*ConnectionGetOptionDouble)(
        struct AdbcConnection *, const char *, double *, struct AdbcError *);
    AdbcStatusCode (*ConnectionGetOptionInt)(
        struct AdbcConnection *, const char *, int64_t *, struct AdbcError *);
    AdbcStatusCode (*ConnectionGetStatistics)(
        struct AdbcConnection *, const char *, const char *, const char *, char, struct ArrowArrayStream *,
        struct AdbcError *);
    AdbcStatusCode (*ConnectionGetStatisticNames)(
        struct AdbcConnection *, struct ArrowArrayStream *, struct AdbcError *);
    AdbcStatusCode (*ConnectionSetOptionBytes)(
        struct AdbcConnection *, const char *, const uint8_t *, size_t, struct AdbcError *);
    AdbcStatusCode (*ConnectionSetOptionDouble)(
        struct AdbcConnection *, const char *, double, struct AdbcError *);
    AdbcStatusCode (*ConnectionSetOptionInt)(
        struct AdbcConnection *, const char *, int64_t, struct AdbcError *);
    AdbcStatusCode (*StatementCancel)(struct AdbcStatement *, struct AdbcError *);
    AdbcStatusCode (*StatementExecuteSchema)(
        struct AdbcStatement *, struct ArrowSchema *, struct AdbcError *);
    AdbcStatusCode (*StatementGetOption)(
        struct AdbcStatement *, const char *, char *, size_t *, struct AdbcError *);
    AdbcStatusCode (*StatementGetOptionBytes)(
        struct AdbcStatement *, const char *, uint8_t *, size_t *, struct AdbcError *);
    AdbcStatusCode (*StatementGetOptionDouble)(
        struct AdbcStatement *, const char *, double *, struct AdbcError *);
    AdbcStatusCode (*StatementGetOptionInt)(
        struct AdbcStatement *, const char *, int64_t *, struct AdbcError *);
    AdbcStatusCode (*StatementSetOptionBytes)(
        struct AdbcStatement *, const char *, const uint8_t *, size_t, struct AdbcError *);
    AdbcStatusCode (*StatementSetOptionDouble)(
        struct AdbcStatement *, const char *, double, struct AdbcError *);
    AdbcStatusCode (*StatementSetOptionInt)(
        struct AdbcStatement *, const char *, int64_t, struct AdbcError *);
};

// MARK: Loading

/// Opens a shared library for the life of the process; null on failure, then `cadbc_load_error` tells why.
/// `global` makes its symbols visible to libraries that are opened later.
void *cadbc_load(const char *path, int global);

/// The loader's text for the last failure in this thread, or null.
const char *cadbc_load_error(void);

/// 1 when the library exports `symbol`.
int cadbc_exports(void *library, const char *symbol);

/// Calls the driver's entry point: version 1.1 first, then 1.0 for older drivers, into a table that is all
/// zero where the driver fills nothing. Returns the driver's status; `version` receives what was agreed.
AdbcStatusCode cadbc_init_driver(
    void *library, const char *entrypoint, struct AdbcDriver *table, int *version, struct AdbcError *error);

#endif

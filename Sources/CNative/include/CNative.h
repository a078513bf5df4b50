// Declarations of the few functions of LightGBM's C interface that Rapport calls, as pointers: the library is found at
// run time. Written from the documentation of the interface (LightGBM 4, "C API"); no line of its header is copied.
#ifndef CNATIVE_H
#define CNATIVE_H

#include <stdint.h>

#include "Gunzip.h"

typedef void *RapportTreeHandle;

enum {
    RAPPORT_TREE_FLOAT32 = 0,
    RAPPORT_TREE_FLOAT64 = 1,
    RAPPORT_TREE_PREDICT_NORMAL = 0,
    RAPPORT_TREE_PREDICT_RAW = 1,
    RAPPORT_TREE_PREDICT_CONTRIBUTIONS = 3
};

// Every function answers 0, or -1 and a text by LGBM_GetLastError.
typedef const char *(*LGBM_GetLastErrorFunction)(void);
typedef int (*LGBM_DatasetCreateFromMatFunction)(
    const void *data, int data_type, int32_t rows, int32_t columns, int is_row_major, const char *parameters,
    RapportTreeHandle reference, RapportTreeHandle *out);
typedef int (*LGBM_DatasetSetFieldFunction)(
    RapportTreeHandle dataset, const char *name, const void *data, int count, int type);
typedef int (*LGBM_DatasetFreeFunction)(RapportTreeHandle dataset);
typedef int (*LGBM_BoosterCreateFunction)(RapportTreeHandle train, const char *parameters, RapportTreeHandle *out);
typedef int (*LGBM_BoosterUpdateOneIterFunction)(RapportTreeHandle booster, int *is_finished);
typedef int (*LGBM_BoosterFreeFunction)(RapportTreeHandle booster);
typedef int (*LGBM_BoosterSaveModelToStringFunction)(
    RapportTreeHandle booster, int start_iteration, int num_iteration, int importance_type, int64_t capacity,
    int64_t *length, char *text);
typedef int (*LGBM_BoosterLoadModelFromStringFunction)(const char *text, int *iterations, RapportTreeHandle *out);
typedef int (*LGBM_BoosterPredictForMatFunction)(
    RapportTreeHandle booster, const void *data, int data_type, int32_t rows, int32_t columns, int is_row_major,
    int predict_type, int start_iteration, int num_iteration, const char *parameters, int64_t *length, double *out);
typedef int (*LGBM_RegisterLogCallbackFunction)(void (*callback)(const char *));

#endif

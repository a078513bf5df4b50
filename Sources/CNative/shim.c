// The target is declarations alone; SwiftPM wants a source file.
#include "CNative.h"

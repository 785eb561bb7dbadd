#pragma once
// What libSaccadeSlices.so, which is loaded only where sweeps are read, offers: DICOM through DCMTK, TIFF through
// libtiff. Plain C; no exception crosses it.
#include <stddef.h>
#include <stdint.h>

#include "saccade_dicom.h"
#include "saccade_tiff.h"

// What Saccade calls of OpenVINO's C library, which is found and loaded at run time: nothing of OpenVINO is
// needed to build. Types and numbers are those of its binary interface since 2025.0.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// 0 for success, below 0 for failure.
typedef int32_t saccade_ov_status;

/// Any object of the library: core, model, port, tensor, request, …
typedef void *saccade_ov_object;

typedef struct {
  const char *_Nullable build;
  const char *_Nullable description;
} saccade_ov_version;

typedef struct {
  char *_Nullable *_Nullable names;
  size_t count;
} saccade_ov_devices;

typedef struct {
  int64_t rank;
  int64_t *_Nullable sizes;
} saccade_ov_shape;

/// Shortest and longest size of a dimension, both included; the same where the size is fixed.
typedef struct {
  int64_t shortest;
  int64_t longest;
} saccade_ov_dimension;

typedef struct {
  saccade_ov_dimension rank;
  saccade_ov_dimension *_Nullable dimensions;
} saccade_ov_partial_shape;

// Element types.
static const int32_t SACCADE_OV_F16 = 3;
static const int32_t SACCADE_OV_F32 = 4;
static const int32_t SACCADE_OV_F64 = 5;
static const int32_t SACCADE_OV_I32 = 9;
static const int32_t SACCADE_OV_I64 = 10;
static const int32_t SACCADE_OV_U8 = 16;

// Colour formats.
static const int32_t SACCADE_OV_NV12_TWO_PLANES = 2;
static const int32_t SACCADE_OV_I420_THREE_PLANES = 4;
static const int32_t SACCADE_OV_RGB = 5;
static const int32_t SACCADE_OV_BGR = 6;

static const int32_t SACCADE_OV_RESIZE_LINEAR = 0;
static const int32_t SACCADE_OV_PAD_CONSTANT = 0;

/// The library's functions, under their names without `ov_`. An object that a function makes is the caller's
/// and goes back by the function `…_free` of its kind, a text by `free_text`.
typedef struct {
  const char *_Nullable (*_Nonnull last_error)(void);
  void (*_Nonnull free_text)(const char *_Nullable text);
  saccade_ov_status (*_Nonnull get_version)(saccade_ov_version *version);
  void (*_Nonnull version_free)(saccade_ov_version *version);

  saccade_ov_status (*_Nonnull core_create)(saccade_ov_object _Nullable *_Nonnull core);
  void (*_Nonnull core_free)(saccade_ov_object _Nullable core);
  saccade_ov_status (*_Nonnull core_devices)(saccade_ov_object core, saccade_ov_devices *devices);
  void (*_Nonnull devices_free)(saccade_ov_devices *devices);
  saccade_ov_status (*_Nonnull core_get_property)(
    saccade_ov_object core, const char *device, const char *key, char *_Nullable *_Nonnull value);
  saccade_ov_status (*_Nonnull core_read_model)(
    saccade_ov_object core, const char *path, const char *_Nullable weights,
    saccade_ov_object _Nullable *_Nonnull model);
  saccade_ov_status (*_Nonnull core_read_text)(
    saccade_ov_object core, const char *text, size_t length, saccade_ov_object _Nullable weights,
    saccade_ov_object _Nullable *_Nonnull model);

  void (*_Nonnull model_free)(saccade_ov_object _Nullable model);
  saccade_ov_status (*_Nonnull model_input_count)(saccade_ov_object model, size_t *count);
  saccade_ov_status (*_Nonnull model_output_count)(saccade_ov_object model, size_t *count);
  saccade_ov_status (*_Nonnull model_input)(
    saccade_ov_object model, size_t index, saccade_ov_object _Nullable *_Nonnull port);
  saccade_ov_status (*_Nonnull model_output)(
    saccade_ov_object model, size_t index, saccade_ov_object _Nullable *_Nonnull port);
  saccade_ov_status (*_Nonnull model_reshape)(
    saccade_ov_object model, const size_t *indices, const saccade_ov_partial_shape *shapes, size_t count);
  saccade_ov_status (*_Nonnull port_name)(saccade_ov_object port, char *_Nullable *_Nonnull name);
  saccade_ov_status (*_Nonnull port_shape)(saccade_ov_object port, saccade_ov_partial_shape *shape);
  saccade_ov_status (*_Nonnull port_type)(saccade_ov_object port, int32_t *type);
  void (*_Nonnull port_free)(saccade_ov_object _Nullable port);
  saccade_ov_status (*_Nonnull partial_shape_create)(
    int64_t rank, const int64_t *sizes, saccade_ov_partial_shape *shape);
  void (*_Nonnull partial_shape_free)(saccade_ov_partial_shape *shape);
  saccade_ov_status (*_Nonnull shape_free)(saccade_ov_shape *shape);

  saccade_ov_status (*_Nonnull preprocessor_create)(
    saccade_ov_object model, saccade_ov_object _Nullable *_Nonnull preprocessor);
  void (*_Nonnull preprocessor_free)(saccade_ov_object _Nullable preprocessor);
  saccade_ov_status (*_Nonnull preprocessor_build)(
    saccade_ov_object preprocessor, saccade_ov_object _Nullable *_Nonnull model);
  saccade_ov_status (*_Nonnull preprocessor_input)(
    saccade_ov_object preprocessor, size_t index, saccade_ov_object _Nullable *_Nonnull input);
  void (*_Nonnull input_free)(saccade_ov_object _Nullable input);
  saccade_ov_status (*_Nonnull input_tensor)(saccade_ov_object input, saccade_ov_object _Nullable *_Nonnull tensor);
  void (*_Nonnull input_tensor_free)(saccade_ov_object _Nullable tensor);
  saccade_ov_status (*_Nonnull input_steps)(saccade_ov_object input, saccade_ov_object _Nullable *_Nonnull steps);
  void (*_Nonnull steps_free)(saccade_ov_object _Nullable steps);
  saccade_ov_status (*_Nonnull input_model)(saccade_ov_object input, saccade_ov_object _Nullable *_Nonnull model);
  void (*_Nonnull input_model_free)(saccade_ov_object _Nullable model);
  saccade_ov_status (*_Nonnull tensor_set_type)(saccade_ov_object tensor, int32_t type);
  saccade_ov_status (*_Nonnull tensor_set_layout)(saccade_ov_object tensor, saccade_ov_object layout);
  saccade_ov_status (*_Nonnull tensor_set_size)(saccade_ov_object tensor, size_t height, size_t width);
  saccade_ov_status (*_Nonnull tensor_set_colour)(saccade_ov_object tensor, int32_t format);
  saccade_ov_status (*_Nonnull model_set_layout)(saccade_ov_object model, saccade_ov_object layout);
  saccade_ov_status (*_Nonnull layout_create)(const char *text, saccade_ov_object _Nullable *_Nonnull layout);
  void (*_Nonnull layout_free)(saccade_ov_object _Nullable layout);
  saccade_ov_status (*_Nonnull step_colour)(saccade_ov_object steps, int32_t format);
  saccade_ov_status (*_Nonnull step_resize)(saccade_ov_object steps, int32_t algorithm);
  saccade_ov_status (*_Nonnull step_type)(saccade_ov_object steps, int32_t type);
  saccade_ov_status (*_Nonnull step_mean)(saccade_ov_object steps, const float *values, int32_t count);
  saccade_ov_status (*_Nonnull step_scale)(saccade_ov_object steps, const float *values, int32_t count);
  saccade_ov_status (*_Nonnull step_pad)(
    saccade_ov_object steps, const int *before, size_t before_count, const int *after, size_t after_count,
    float value, int32_t mode);
  saccade_ov_status (*_Nonnull preprocessor_output)(
    saccade_ov_object preprocessor, size_t index, saccade_ov_object _Nullable *_Nonnull output);
  void (*_Nonnull output_free)(saccade_ov_object _Nullable output);
  saccade_ov_status (*_Nonnull output_tensor)(saccade_ov_object output, saccade_ov_object _Nullable *_Nonnull tensor);
  void (*_Nonnull output_tensor_free)(saccade_ov_object _Nullable tensor);
  saccade_ov_status (*_Nonnull output_set_type)(saccade_ov_object tensor, int32_t type);

  void (*_Nonnull compiled_free)(saccade_ov_object _Nullable compiled);
  saccade_ov_status (*_Nonnull compiled_get_property)(
    saccade_ov_object compiled, const char *key, char *_Nullable *_Nonnull value);
  saccade_ov_status (*_Nonnull request_create)(
    saccade_ov_object compiled, saccade_ov_object _Nullable *_Nonnull request);
  void (*_Nonnull request_free)(saccade_ov_object _Nullable request);
  saccade_ov_status (*_Nonnull request_set_input)(saccade_ov_object request, size_t index, saccade_ov_object tensor);
  saccade_ov_status (*_Nonnull request_output)(
    saccade_ov_object request, size_t index, saccade_ov_object _Nullable *_Nonnull tensor);
  saccade_ov_status (*_Nonnull request_infer)(saccade_ov_object request);

  saccade_ov_status (*_Nonnull tensor_from_memory)(
    int32_t type, saccade_ov_shape shape, void *memory, saccade_ov_object _Nullable *_Nonnull tensor);
  saccade_ov_status (*_Nonnull tensor_create)(
    int32_t type, saccade_ov_shape shape, saccade_ov_object _Nullable *_Nonnull tensor);
  saccade_ov_status (*_Nonnull tensor_shape)(saccade_ov_object tensor, saccade_ov_shape *shape);
  saccade_ov_status (*_Nonnull tensor_bytes)(saccade_ov_object tensor, size_t *bytes);
  saccade_ov_status (*_Nonnull tensor_data)(saccade_ov_object tensor, void *_Nullable *_Nonnull data);
  void (*_Nonnull tensor_free)(saccade_ov_object _Nullable tensor);

  // Those with a variable number of arguments: called by the two functions below.
  saccade_ov_status (*_Nonnull core_compile)(
    saccade_ov_object core, saccade_ov_object model, const char *device, size_t arguments,
    saccade_ov_object _Nullable *_Nonnull compiled, ...);
  saccade_ov_status (*_Nonnull tensor_set_planes)(saccade_ov_object tensor, int32_t format, size_t names, ...);
} saccade_openvino;

/// Loads the library at an absolute path, for as long as the process lasts, and looks its functions up.
/// NULL when it can't be loaded or lacks one: `why` then says so in at most `capacity` bytes.
const saccade_openvino *_Nullable saccade_openvino_load(const char *path, char *why, size_t capacity);

/// Properties of a compiled model that one call may set.
#define SACCADE_OV_PROPERTIES 8

/// Compiles a model for a device with up to SACCADE_OV_PROPERTIES properties.
saccade_ov_status saccade_openvino_compile(
  const saccade_openvino *library, saccade_ov_object core, saccade_ov_object model, const char *device,
  const char *_Nonnull const *_Nonnull keys, const char *_Nonnull const *_Nonnull values, size_t count,
  saccade_ov_object _Nullable *_Nonnull compiled);

/// Tells an input that its colours come in two or three planes, whose names end with these.
saccade_ov_status saccade_openvino_set_planes(
  const saccade_openvino *library, saccade_ov_object tensor, int32_t format,
  const char *_Nonnull const *_Nonnull names, size_t count);

#pragma clang assume_nonnull end

#include "COpenVINO.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Member of the table, function of the library.
#define FUNCTIONS(F)                                                            \
  F(last_error, ov_get_last_err_msg)                                            \
  F(free_text, ov_free)                                                         \
  F(get_version, ov_get_openvino_version)                                       \
  F(version_free, ov_version_free)                                              \
  F(core_create, ov_core_create)                                                \
  F(core_free, ov_core_free)                                                    \
  F(core_devices, ov_core_get_available_devices)                                \
  F(devices_free, ov_available_devices_free)                                    \
  F(core_get_property, ov_core_get_property)                                    \
  F(core_read_model, ov_core_read_model)                                        \
  F(core_read_text, ov_core_read_model_from_memory_buffer)                      \
  F(core_compile, ov_core_compile_model)                                        \
  F(model_free, ov_model_free)                                                  \
  F(model_input_count, ov_model_inputs_size)                                    \
  F(model_output_count, ov_model_outputs_size)                                  \
  F(model_input, ov_model_const_input_by_index)                                 \
  F(model_output, ov_model_const_output_by_index)                               \
  F(model_reshape, ov_model_reshape_by_port_indexes)                            \
  F(port_name, ov_port_get_any_name)                                            \
  F(port_shape, ov_port_get_partial_shape)                                      \
  F(port_type, ov_port_get_element_type)                                        \
  F(port_free, ov_output_const_port_free)                                       \
  F(partial_shape_create, ov_partial_shape_create_static)                       \
  F(partial_shape_free, ov_partial_shape_free)                                  \
  F(shape_free, ov_shape_free)                                                  \
  F(preprocessor_create, ov_preprocess_prepostprocessor_create)                 \
  F(preprocessor_free, ov_preprocess_prepostprocessor_free)                     \
  F(preprocessor_build, ov_preprocess_prepostprocessor_build)                   \
  F(preprocessor_input, ov_preprocess_prepostprocessor_get_input_info_by_index) \
  F(input_free, ov_preprocess_input_info_free)                                  \
  F(input_tensor, ov_preprocess_input_info_get_tensor_info)                     \
  F(input_tensor_free, ov_preprocess_input_tensor_info_free)                    \
  F(input_steps, ov_preprocess_input_info_get_preprocess_steps)                 \
  F(steps_free, ov_preprocess_preprocess_steps_free)                            \
  F(input_model, ov_preprocess_input_info_get_model_info)                       \
  F(input_model_free, ov_preprocess_input_model_info_free)                      \
  F(tensor_set_type, ov_preprocess_input_tensor_info_set_element_type)          \
  F(tensor_set_layout, ov_preprocess_input_tensor_info_set_layout)              \
  F(tensor_set_size, ov_preprocess_input_tensor_info_set_spatial_static_shape)  \
  F(tensor_set_colour, ov_preprocess_input_tensor_info_set_color_format)        \
  F(tensor_set_planes, ov_preprocess_input_tensor_info_set_color_format_with_subname) \
  F(model_set_layout, ov_preprocess_input_model_info_set_layout)                \
  F(layout_create, ov_layout_create)                                            \
  F(layout_free, ov_layout_free)                                                \
  F(step_colour, ov_preprocess_preprocess_steps_convert_color)                  \
  F(step_resize, ov_preprocess_preprocess_steps_resize)                         \
  F(step_type, ov_preprocess_preprocess_steps_convert_element_type)             \
  F(step_mean, ov_preprocess_preprocess_steps_mean_multi_channels)              \
  F(step_scale, ov_preprocess_preprocess_steps_scale_multi_channels)            \
  F(step_pad, ov_preprocess_preprocess_steps_pad)                               \
  F(preprocessor_output, ov_preprocess_prepostprocessor_get_output_info_by_index) \
  F(output_free, ov_preprocess_output_info_free)                                \
  F(output_tensor, ov_preprocess_output_info_get_tensor_info)                   \
  F(output_tensor_free, ov_preprocess_output_tensor_info_free)                  \
  F(output_set_type, ov_preprocess_output_set_element_type)                     \
  F(compiled_free, ov_compiled_model_free)                                      \
  F(compiled_get_property, ov_compiled_model_get_property)                      \
  F(request_create, ov_compiled_model_create_infer_request)                     \
  F(request_free, ov_infer_request_free)                                        \
  F(request_set_input, ov_infer_request_set_input_tensor_by_index)              \
  F(request_output, ov_infer_request_get_output_tensor_by_index)                \
  F(request_infer, ov_infer_request_infer)                                      \
  F(tensor_from_memory, ov_tensor_create_from_host_ptr)                         \
  F(tensor_create, ov_tensor_create)                                            \
  F(tensor_shape, ov_tensor_get_shape)                                          \
  F(tensor_bytes, ov_tensor_get_byte_size)                                      \
  F(tensor_data, ov_tensor_data)                                                \
  F(tensor_free, ov_tensor_free)

const saccade_openvino *saccade_openvino_load(const char *path, char *why, size_t capacity) {
  // Never closed: its worker threads may outlive every object.
  void *image = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!image) {
    snprintf(why, capacity, "%s", dlerror());
    return NULL;
  }
  saccade_openvino *table = calloc(1, sizeof *table);
  if (!table) abort();
  void *function;
#define LOOK_UP(member, name)                                          \
  function = dlsym(image, #name);                                      \
  if (!function) {                                                     \
    snprintf(why, capacity, "it has no function `%s`", #name);         \
    free(table);                                                       \
    return NULL;                                                       \
  }                                                                    \
  memcpy(&table->member, &function, sizeof function);
  FUNCTIONS(LOOK_UP)
  return table;
}

// The library takes as many pairs as `arguments` says and doesn't look at the rest.
saccade_ov_status saccade_openvino_compile(
  const saccade_openvino *library, saccade_ov_object core, saccade_ov_object model, const char *device,
  const char *const *keys, const char *const *values, size_t count, saccade_ov_object *compiled) {
  const char *k[SACCADE_OV_PROPERTIES] = {0}, *v[SACCADE_OV_PROPERTIES] = {0};
  if (count > SACCADE_OV_PROPERTIES) abort();
  for (size_t i = 0; i < count; i++) {
    k[i] = keys[i];
    v[i] = values[i];
  }
  return library->core_compile(
    core, model, device, 2 * count, compiled, k[0], v[0], k[1], v[1], k[2], v[2], k[3], v[3], k[4], v[4], k[5],
    v[5], k[6], v[6], k[7], v[7]);
}

saccade_ov_status saccade_openvino_set_planes(
  const saccade_openvino *library, saccade_ov_object tensor, int32_t format, const char *const *names,
  size_t count) {
  if (count == 2) return library->tensor_set_planes(tensor, format, 2, names[0], names[1]);
  if (count == 3) return library->tensor_set_planes(tensor, format, 3, names[0], names[1], names[2]);
  abort();
}

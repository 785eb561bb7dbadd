#include "vision.h"

#include "clones.h"

#include <math.h>

// Every processor shall give the same.
#pragma STDC FP_CONTRACT OFF

// A share of a texture's variance may be smeared by the video's encoder after a change.
static const double smearing = 0.25;

CLONES int saccade_patch_light(const saccade_patch *restrict patches, const float *restrict noise, int count,
                               double black, double darkest, float *restrict gain, double *restrict base,
                               bool *restrict explained, bool *restrict textured) {
  int shifted = 0;
  for (int i = 0; i < count; i++) {
    const saccade_patch *p = patches + i;
    double share = 1.0 / p->count, sigma = noise[i];
    double now = p->current * share, before = p->background * share;
    double now_variance = p->current_sq * share - now * now;
    double before_variance = p->background_sq * share - before * before;
    double covariance = p->product * share - now * before;
    now_variance = now_variance > 0 ? now_variance : 0;
    before_variance = before_variance > 0 ? before_variance : 0;
    double light = before - black;
    light = light > 3 ? light : 3;
    double g = (now - black) / light;
    g = g > 0.05 ? g : 0.05;
    g = g < 12 ? g : 12;
    double residual = now_variance - 2 * g * covariance + g * g * before_variance;
    double allowed = 3 * (1 + g * g) * sigma * sigma + 3 + smearing * g * g * before_variance;
    bool is_explained = (residual <= allowed) & (g >= darkest);
    gain[i] = (float)g;
    base[i] = light;
    explained[i] = is_explained;
    textured[i] = before_variance > 8 * sigma * sigma + 12;
    shifted += is_explained & (fabs(now - before) > 2.0 + 0.7 * sigma);
  }
  return shifted;
}

saccade_likeness saccade_patch_likeness(const saccade_patch *patches, const float *luma, const float *gradient, int count,
                                        float floor, float most) {
  saccade_likeness sums = {0};
  const int bins = sizeof sums.ratios / sizeof *sums.ratios;
  for (int i = 0; i < count; i++) {
    const saccade_patch *p = patches + i;
    float share = (float)(1.0 / p->count);
    float now = (float)p->gradient * share - floor, before = gradient[i] - floor * 0.3f;
    now = now > 0 ? now : 0;
    before = before > 0 ? before : 0;
    const double befores[] = {luma[i], before}, nows[] = {p->current * (double)share, now};
    for (int k = 0; k < 2; k++) {
      sums.before[k] += befores[k];
      sums.now[k] += nows[k];
      sums.before_sq[k] += befores[k] * befores[k];
      sums.now_sq[k] += nows[k] * nows[k];
      sums.product[k] += befores[k] * nows[k];
    }
    sums.texture += before;
    float weight = before < most ? before : most, ratio = now / (before > 0.1f ? before : 0.1f);
    int bin = (int)(ratio * (float)bins / 2);
    sums.ratios[bin < bins ? bin : bins - 1] += weight;
    sums.weight += weight;
  }
  return sums;
}

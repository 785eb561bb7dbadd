// Included once for each width of vector, with
//   ADD   the name of the function that this defines
//   AT    what begins its definition
//   VECTOR, FETCH(at), NONE   a vector of bytes, one from memory, and one of zeros
//   OP(name)   the instruction of that name for vectors of this width
// All of them are forgotten at the end.

// Sums patches that lie side by side, as many as there are eights of bytes in a vector: such processors sum the differences of
// eight bytes at once, which are a row of a patch. What interleaves bytes does so within halves of 16 bytes.
AT void ADD(const uint8_t *c, const uint8_t *b, const uint8_t *l, long width, int rows, int below, long ahead,
            saccade_patch *patches) {
  enum { halves = sizeof(VECTOR) / 16 };
  VECTOR none = NONE, current = none, background = none, change = none;
  VECTOR gradient = none, background_gradient = none;
  VECTOR current_sq[2] = {none, none}, background_sq[2] = {none, none}, product[2] = {none, none};
  VECTOR cs = FETCH(c), bs = FETCH(b);
  for (int y = 0; y < rows; y++) {
    long at = y * width, next = y + 1 < rows || below ? at + width : at;
    __builtin_prefetch(b + at + ahead);
    __builtin_prefetch(l + at + ahead);
    VECTOR next_cs = FETCH(c + next), next_bs = FETCH(b + next);
    current = OP(add_epi64)(current, OP(sad_epu8)(cs, none));
    background = OP(add_epi64)(background, OP(sad_epu8)(bs, none));
    change = OP(add_epi64)(change, OP(sad_epu8)(cs, FETCH(l + at)));
    VECTOR steps = OP(add_epi64)(OP(sad_epu8)(cs, FETCH(c + at + 1)), OP(sad_epu8)(cs, next_cs));
    gradient = OP(add_epi64)(gradient, steps);
    steps = OP(add_epi64)(OP(sad_epu8)(bs, FETCH(b + at + 1)), OP(sad_epu8)(bs, next_bs));
    background_gradient = OP(add_epi64)(background_gradient, steps);
    VECTOR wide_cs[] = {OP(unpacklo_epi8)(cs, none), OP(unpackhi_epi8)(cs, none)};
    VECTOR wide_bs[] = {OP(unpacklo_epi8)(bs, none), OP(unpackhi_epi8)(bs, none)};
    for (int k = 0; k < 2; k++) {
      current_sq[k] = OP(add_epi32)(current_sq[k], OP(madd_epi16)(wide_cs[k], wide_cs[k]));
      background_sq[k] = OP(add_epi32)(background_sq[k], OP(madd_epi16)(wide_bs[k], wide_bs[k]));
      product[k] = OP(add_epi32)(product[k], OP(madd_epi16)(wide_cs[k], wide_bs[k]));
    }
    cs = next_cs;
    bs = next_bs;
  }
  // Of each half the sums of four of the first patch, then of the second.
  VECTOR *squares[] = {current_sq, background_sq, product};
  uint32_t sums[3][4 * halves];
  for (int i = 0; i < 3; i++) {
    VECTOR low = squares[i][0], high = squares[i][1];
    VECTOR twos = OP(add_epi32)(OP(unpacklo_epi32)(low, high), OP(unpackhi_epi32)(low, high));
    VECTOR ones = OP(add_epi32)(twos, OP(unpackhi_epi64)(twos, twos));
    memcpy(sums[i], &ones, sizeof ones);
  }
  for (int k = 0; k < 2 * halves; k++) {
    int at = k / 2 * 4 + k % 2;
    patches[k] = (saccade_patch){
        .count = (uint32_t)(patch_side * rows),
        .current = (uint32_t)((uint64_t *)&current)[k],
        .background = (uint32_t)((uint64_t *)&background)[k],
        .current_sq = sums[0][at],
        .background_sq = sums[1][at],
        .product = sums[2][at],
        .change = (uint32_t)((uint64_t *)&change)[k],
        .gradient = (uint32_t)((uint64_t *)&gradient)[k],
        .background_gradient = (uint32_t)((uint64_t *)&background_gradient)[k],
    };
  }
}

#undef ADD
#undef AT
#undef VECTOR
#undef FETCH
#undef NONE
#undef OP

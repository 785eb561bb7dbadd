#!/usr/bin/env python3
"""Writes a Qwen3-VL for the tests that is as small as llama-server takes one: `python3 tiny_qwen3vl.py SHARE FOLDER`.

SHARE is the folder `share` beside the llama-server that `saccade setup llama` built: it holds the vocabulary of Qwen2, the
templates and the package gguf. Needs numpy and PyYAML besides. Writes model.gguf (language), mmproj.gguf (vision) and
lora.gguf (an adapter). The weights are noise, but leaning towards short answers: noise alone would write digits and
blanks until it is cut off. The same version of numpy gives the same bytes.
"""

import os
import sys

import numpy as np

SEED = 20260711
# The language part. A head's size is the number of values that are turned by the position, half of which share the
# sections (time, height, width); Qwen3-VL-8B has 128 and 24, 20, 20.
WIDTH, LAYERS, HEADS, HEADS_KV, HEAD, FEED = 32, 3, 2, 1, 32, 64
SECTIONS = [6, 5, 5, 0]
CONTEXT = 32768
# The vision part; the deep layers' features are added to the language part's first layers.
EYE_WIDTH, EYE_LAYERS, EYE_HEADS, EYE_FEED = 64, 3, 2, 128
PATCH, SIDE, MERGE = 16, 16, 2
DEEP = [0, 1]
RANK = 4

# Names that the vocabulary of Qwen2 lacks, by their numbers in Qwen3-VL's.
SPECIAL = {
    151652: "<|vision_start|>",
    151653: "<|vision_end|>",
    151655: "<|image_pad|>",
    151656: "<|video_pad|>",
    151667: "<think>",
    151668: "</think>",
}
# What is written with which leaning, best first, where a grammar lets it: the end of an answer, what an answer holds, and
# a quote, so that numbers are rather numbers than "unknown".
LEANINGS = [
    (12, ['"}']),
    (10, ['{"', "answer", '":', "yes", "no", "}"]),
    (8, ["red", "green", "blue"]),
    (6, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]),
    (4, ['"']),
]
# What is the same in every state: value 0 of the width. The leanings are told by it.
CONSTANT = 2.0


class Noise:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)

    def matrix(self, rows, columns, scale=1.0, keeps=False):
        """Keeps lengths about as they are; `keeps`: adds nothing to value 0 of what comes out."""
        values = self.random.standard_normal((rows, columns), np.float32) * np.float32(scale / columns**0.5)
        if keeps:
            values[0] = 0
        return values

    def vector(self, count, mean=0.0, scale=0.1):
        return (mean + scale * self.random.standard_normal(count)).astype(np.float32)


def language(gguf, share, path):
    noise = Noise(SEED)
    vocabulary = gguf.GGUFReader(os.path.join(share, "ggml-vocab-qwen2.gguf"))
    tokens, kinds, merges = [
        vocabulary.fields["tokenizer.ggml." + name].contents() for name in ("tokens", "token_type", "merges")
    ]
    for number, name in SPECIAL.items():
        tokens[number], kinds[number] = name, int(gguf.TokenType.CONTROL)
    with open(os.path.join(share, "templates", "Qwen-Qwen3-0.6B.jinja"), encoding="utf-8") as file:
        template = file.read()

    w = gguf.GGUFWriter(path, "qwen3vl")
    w.add_type(gguf.GGUFType.MODEL)
    w.add_name("tiny")
    w.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    w.add_context_length(CONTEXT)
    w.add_embedding_length(WIDTH)
    w.add_block_count(LAYERS)
    w.add_feed_forward_length(FEED)
    w.add_head_count(HEADS)
    w.add_head_count_kv(HEADS_KV)
    w.add_key_length(HEAD)
    w.add_value_length(HEAD)
    w.add_layer_norm_rms_eps(1e-6)
    w.add_rope_freq_base(5_000_000.0)
    w.add_rope_dimension_sections(SECTIONS)
    w.add_num_deepstack_layers(len(DEEP))
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("qwen2")
    w.add_token_list(tokens)
    w.add_token_types(kinds)
    w.add_token_merges(merges)
    w.add_bos_token_id(151643)
    w.add_eos_token_id(151645)
    w.add_pad_token_id(151643)
    w.add_add_bos_token(False)
    w.add_chat_template(template)

    def add(name, values, quantized=False):
        if quantized:
            kind = gguf.GGMLQuantizationType.Q8_0
            w.add_tensor(name, gguf.quantize(values, kind), raw_dtype=kind)
        else:
            w.add_tensor(name, values)

    states = noise.matrix(len(tokens), WIDTH, scale=0.5 * WIDTH**0.5)
    states[:, 0] = CONSTANT
    add("token_embd.weight", states, quantized=True)
    words = noise.matrix(len(tokens), WIDTH, scale=0.15 * WIDTH**0.5)
    words[:, 0] = 0
    number = {token: i for i, token in enumerate(tokens)}
    for leaning, names in LEANINGS:
        for name in names:
            words[number[name], 0] = 0.7 * leaning
    add("output.weight", words, quantized=True)
    add("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        add(block + "attn_norm.weight", noise.vector(WIDTH, 1))
        add(block + "attn_q.weight", noise.matrix(HEADS * HEAD, WIDTH))
        add(block + "attn_k.weight", noise.matrix(HEADS_KV * HEAD, WIDTH))
        add(block + "attn_v.weight", noise.matrix(HEADS_KV * HEAD, WIDTH))
        add(block + "attn_output.weight", noise.matrix(WIDTH, HEADS * HEAD, 0.5, keeps=True))
        add(block + "attn_q_norm.weight", noise.vector(HEAD, 1))
        add(block + "attn_k_norm.weight", noise.vector(HEAD, 1))
        add(block + "ffn_norm.weight", noise.vector(WIDTH, 1))
        add(block + "ffn_gate.weight", noise.matrix(FEED, WIDTH))
        add(block + "ffn_up.weight", noise.matrix(FEED, WIDTH))
        add(block + "ffn_down.weight", noise.matrix(WIDTH, FEED, 0.5, keeps=True))
    close(w)


def vision(gguf, path):
    noise = Noise(SEED + 1)
    w = gguf.GGUFWriter(path, "clip")
    w.add_type(gguf.GGUFType.MMPROJ)
    w.add_name("tiny")
    w.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    w.add_clip_has_vision_encoder(True)
    w.add_clip_projector_type(gguf.VisionProjectorType.QWEN3VL)
    w.add_vision_projection_dim(WIDTH)
    w.add_vision_image_size(SIDE * PATCH)
    w.add_vision_patch_size(PATCH)
    w.add_vision_embedding_length(EYE_WIDTH)
    w.add_vision_feed_forward_length(EYE_FEED)
    w.add_vision_block_count(EYE_LAYERS)
    w.add_vision_head_count(EYE_HEADS)
    w.add_vision_attention_layernorm_eps(1e-6)
    w.add_vision_image_mean([0.5] * 3)
    w.add_vision_image_std([0.5] * 3)
    w.add_vision_use_gelu(True)
    w.add_vision_spatial_merge_size(MERGE)
    w.add_vision_is_deepstack_layers([layer in DEEP for layer in range(EYE_LAYERS)])

    def linear(name, rows, columns, first=None):
        """`first`: what value 0 of all that comes out is."""
        weight, bias = noise.matrix(rows, columns, keeps=first is not None), noise.vector(rows)
        if first is not None:
            bias[0] = first
        w.add_tensor(name + ".weight", weight.astype(np.float16))
        w.add_tensor(name + ".bias", bias)

    def norm(name, width):
        w.add_tensor(name + ".weight", noise.vector(width, 1))
        w.add_tensor(name + ".bias", noise.vector(width))

    # One kernel for each of the two pictures that a video's step holds; a still is taken as both.
    for name in ("v.patch_embd.weight", "v.patch_embd.weight.1"):
        kernel = noise.matrix(EYE_WIDTH, 3 * PATCH * PATCH).reshape(EYE_WIDTH, 3, PATCH, PATCH)
        w.add_tensor(name, kernel.astype(np.float16))
    w.add_tensor("v.patch_embd.bias", noise.vector(EYE_WIDTH))
    w.add_tensor("v.position_embd.weight", noise.matrix(SIDE * SIDE, EYE_WIDTH))
    for layer in range(EYE_LAYERS):
        block = f"v.blk.{layer}."
        norm(block + "ln1", EYE_WIDTH)
        linear(block + "attn_qkv", 3 * EYE_WIDTH, EYE_WIDTH)
        linear(block + "attn_out", EYE_WIDTH, EYE_WIDTH)
        norm(block + "ln2", EYE_WIDTH)
        linear(block + "ffn_up", EYE_FEED, EYE_WIDTH)
        linear(block + "ffn_down", EYE_WIDTH, EYE_FEED)
    norm("v.post_ln", EYE_WIDTH)
    merged = EYE_WIDTH * MERGE * MERGE
    for layer in DEEP:
        deep = f"v.deepstack.{layer}."
        norm(deep + "norm", merged)
        linear(deep + "fc1", merged, merged)
        linear(deep + "fc2", WIDTH, merged, first=0)
    linear("mm.0", merged, merged)
    # A picture's tokens have the constant as words have it.
    linear("mm.2", WIDTH, merged, first=CONSTANT)
    close(w)


def adapter(gguf, path):
    noise = Noise(SEED + 2)
    w = gguf.GGUFWriter(path, "qwen3vl")
    w.add_type(gguf.GGUFType.ADAPTER)
    w.add_string(gguf.Keys.Adapter.TYPE, "lora")
    w.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(2 * RANK))
    for layer in range(LAYERS):
        for name, rows in (("attn_q", HEADS * HEAD), ("attn_v", HEADS_KV * HEAD)):
            w.add_tensor(f"blk.{layer}.{name}.weight.lora_a", noise.matrix(RANK, WIDTH))
            w.add_tensor(f"blk.{layer}.{name}.weight.lora_b", noise.matrix(rows, RANK))
    close(w)


def close(w):
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


if __name__ == "__main__":
    share, folder = sys.argv[1:]
    sys.path.insert(0, os.path.join(share, "gguf-py"))
    import gguf

    os.makedirs(folder, exist_ok=True)
    parts = {
        "model.gguf": lambda path: language(gguf, share, path),
        "mmproj.gguf": lambda path: vision(gguf, path),
        "lora.gguf": lambda path: adapter(gguf, path),
    }
    for name, write in parts.items():
        write(os.path.join(folder, name))
        print(f"{name}: {os.path.getsize(os.path.join(folder, name))} bytes")

"""Writes the golden tests of the towers of open_clip.

    python src/reference/make_open_clip_goldens.py

Writes small random checkpoints as open_clip saves them, with what they compute in float64, to goldens/open_clip/CASE (test
resources): golden.safetensors of the image tower, text.safetensors of the text tower with `logits` of the image and each text.
Of the cases with a network of timm's, whose size is fixed, only the configuration, the features and the names and shapes of
the tensors are written: the weights and the image are synthetic.
"""

import json
import shutil

import tvshim  # noqa: F401  (before timm)
import open_clip
import torch
from safetensors.torch import load_file, save_file

import goldens
import text_goldens

DIRECTORY = goldens.RESOURCES / "goldens" / "open_clip"

VISION = dict(image_size=32, layers=2, width=16, head_width=8, mlp_ratio=2.5, patch_size=8)
VOCABULARY = 40
TEXT = dict(context_length=12, vocab_size=VOCABULARY, width=12, heads=2, layers=2)
SIGLIP_TEXT = TEXT | dict(
    no_causal_mask=True, proj_bias=True, pool_type="last", norm_kwargs={"eps": 1e-6}, act_kwargs={"approximate": "tanh"}
)
TEXTS = 4

SMALL = {
    "plain": dict(embed_dim=6, vision_cfg=VISION, text_cfg=TEXT),
    "quick_gelu": dict(embed_dim=6, quick_gelu=True, vision_cfg=VISION, text_cfg=TEXT | dict(pool_type="eos", eos_id=39)),
    "openai": dict(embed_dim=6, vision_cfg=VISION, text_cfg=TEXT),
    "custom_text": dict(
        embed_dim=6,
        custom_text=True,
        init_logit_bias=-10,
        nonscalar_logit_scale=True,
        vision_cfg=VISION | dict(no_ln_pre=True, pool_type="avg", final_ln_after_pool=True, ls_init_value=0.1, norm_kwargs={"eps": 1e-3}),
        text_cfg=SIGLIP_TEXT,
    ),
    "unusual": dict(
        embed_dim=12,
        custom_text=True,
        vision_cfg=VISION | dict(pool_type="avg", image_size=[16, 32], patch_dropout=0.5, act_kwargs={"approximate": "tanh"}),
        text_cfg=TEXT | dict(no_causal_mask=True, proj_type="none", pool_type="first", mlp_ratio=1.5),
    ),
}

TRUNKS = {
    "trunk_head": dict(timm_model_name="vit_tiny_patch16_224", timm_pool="token", timm_proj=None),
    "trunk_linear": dict(timm_model_name="convnext_atto", timm_pool="", timm_proj="linear", timm_proj_bias=True),
    "trunk_mlp": dict(timm_model_name="convnext_atto", timm_pool="avg", timm_proj="mlp"),
    "trunk_eva": dict(timm_model_name="eva02_tiny_patch14_224", timm_pool="token", timm_proj=None),
    "trunk_siglip": dict(timm_model_name="test_vit3", image_size=160, timm_pool="map", timm_proj="none"),
    "trunk_none": dict(timm_model_name="convnext_atto", timm_pool="avg", timm_proj="none"),
}


def build(config: dict) -> torch.nn.Module:
    arguments = dict(config)
    custom = arguments.pop("custom_text", False)
    return (open_clip.CustomTextCLIP if custom else open_clip.CLIP)(**arguments)


def write(case: str, config: dict, seed: int) -> None:
    directory = DIRECTORY / case
    directory.mkdir(parents=True)
    quick = config | dict(quick_gelu=True) if case == "openai" else config
    model = goldens.randomize(build(quick), seed)
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    if case == "openai":
        state |= {name: torch.tensor(7) for name in ("input_resolution", "context_length", "vocab_size")}
    save_file(state, directory / "open_clip_model.safetensors")
    document = {"model_cfg": config, "preprocess_cfg": {"resize_mode": "squash"}}
    (directory / "open_clip_config.json").write_text(json.dumps(document, indent=2) + "\n")

    visual = model.visual
    stages = {"embed": visual.ln_pre} | {f"blocks.{i}": b for i, b in enumerate(visual.transformer.resblocks)}
    if config["vision_cfg"].get("pool_type") == "avg" and not config["vision_cfg"].get("final_ln_after_pool"):
        stages["norm"] = visual.ln_post
    image = goldens.random_image(*open_clip.utils.to_2tuple(visual.image_size), 100 + seed)
    goldens.write_golden(directory, model, image, stages, lambda x: {"features": model.encode_image(x)})

    text = getattr(model, "text", model)
    pool = config["text_cfg"].get("pool_type", "argmax")
    ids = text_goldens.random_ids(TEXTS, 12, VOCABULARY, VOCABULARY - 1, 0, 200 + seed)
    ends = [row.tolist().index(VOCABULARY - 1) for row in ids]
    positions = {"last": [11] * TEXTS, "first": [0] * TEXTS}.get(pool, ends)
    causal = not config["text_cfg"].get("no_causal_mask")
    counted = [list(range(at + 1 if causal else 12)) for at in positions]
    path = directory / "text.safetensors"
    text_goldens.write(
        path, ids, counted, positions, model.encode_text, FromEmbedding(text), list(text.transformer.resblocks), text.ln_final
    )
    with torch.no_grad():
        logits = model.get_logits(image.double().permute(2, 0, 1).unsqueeze(0), ids)[0][0]
    goldens.save_f32(path, load_file(path) | {"logits": logits})


class FromEmbedding:
    """Stands for the module that returns tokens with their positions, which open_clip has none of: the first block, hooked
    before it runs."""

    def __init__(self, text: torch.nn.Module) -> None:
        self.block = text.transformer.resblocks[0]

    def register_forward_hook(self, hook):
        return self.block.register_forward_pre_hook(lambda module, arguments: hook(module, arguments, arguments[0]))


def write_trunk(case: str, vision: dict) -> torch.nn.Module:
    directory = DIRECTORY / case
    directory.mkdir(parents=True)
    config = dict(embed_dim=6, custom_text=True, vision_cfg=vision, text_cfg=TEXT)
    model = build(config)
    model.load_state_dict(goldens.synthetic_state(model), strict=False)
    model.double().eval()
    (directory / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}, indent=2) + "\n")
    size = vision.get("image_size", 224)
    image = goldens.synthetic_image(size, size).double().permute(2, 0, 1).unsqueeze(0)
    with torch.no_grad():
        features = model.encode_image(image)
    goldens.save_f32(directory / "golden.safetensors", {"features": features[0]})
    return model


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for seed, (case, config) in enumerate(SMALL.items()):
        write(case, config, seed)
    trunks = [(case, write_trunk(case, vision)) for case, vision in TRUNKS.items()]
    goldens.write_listing(goldens.RESOURCES / "listings" / "open_clip_trunks.txt.gz", trunks)


if __name__ == "__main__":
    main()

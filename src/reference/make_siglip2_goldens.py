"""Writes the golden tests of SigLIP 2 NaFlex as transformers saves it.

    python src/reference/make_siglip2_goldens.py

Writes small random checkpoints with what they compute in float64 to goldens/siglip2/CASE (test resources): golden.safetensors of
the image tower for an image of one aspect ratio, other.safetensors for one of another, text.safetensors of the text tower. The
patches of an image are padded and masked, as the image processor does; what is written is of those that are not padding.
Writes images/patch-budget.csv (loaders' test resources): height and width of images, rows and columns of a patch, how many there
may be, and the height and width to which the image processor resizes.
"""

import random
import shutil

import tvshim  # noqa: F401  (before transformers)
import torch
import transformers
from transformers.models.siglip2.image_processing_siglip2 import (
    convert_image_to_patches,
    get_image_size_for_max_num_patches,
    pad_along_first_dim,
)

import goldens
import text_goldens

DIRECTORY = goldens.RESOURCES / "goldens" / "siglip2"

SIZES = goldens.RESOURCES.parents[3] / "loaders" / "src" / "test" / "resources" / "images" / "patch-budget.csv"

PATCH = 4
MOST_PATCHES = 40
SMALL = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20)
VISION = SMALL | dict(patch_size=PATCH, num_patches=25)
VOCABULARY = 40
CONTEXT = 12
TEXT = SMALL | dict(
    hidden_size=12, vocab_size=VOCABULARY, max_position_embeddings=CONTEXT, projection_size=8, pad_token_id=0, eos_token_id=1
)

# Rows and columns of patches: more and fewer than the 5 x 5 that there are positions for, and as many.
GRIDS = {"golden": (3, 11), "other": (9, 4), "trained": (5, 5)}


def write_images(case: str, model: transformers.PreTrainedModel, seed: int) -> None:
    model.double().eval()
    tower = getattr(model, "vision_model", model)
    for at, (name, (rows, columns)) in enumerate(GRIDS.items()):
        image = goldens.random_image(rows * PATCH, columns * PATCH, 100 + 10 * seed + at)
        patches, mask = pad_along_first_dim(convert_image_to_patches(image.permute(2, 0, 1), PATCH), MOST_PATCHES)
        inputs = {
            "pixel_values": patches.double().unsqueeze(0),
            "pixel_attention_mask": mask.unsqueeze(0),
            "spatial_shapes": torch.tensor([[rows, columns]]),
        }
        seen = {}

        def record(stage: str):
            def hook(module, arguments, output) -> None:
                tokens = output if isinstance(output, torch.Tensor) else output[0]
                seen[stage] = tokens.reshape(-1, tokens.shape[-1])[: rows * columns]

            return hook

        stages = {"embed": tower.embeddings, "norm": tower.post_layernorm}
        stages |= {f"blocks.{i}": layer for i, layer in enumerate(tower.encoder.layers)}
        hooks = [module.register_forward_hook(record(stage)) for stage, module in stages.items()]
        with torch.no_grad():
            if hasattr(model, "get_image_features"):
                results = {"features": model.get_image_features(**inputs).pooler_output[0]}
            elif hasattr(model, "classifier"):
                logits = model(**inputs).logits[0]
                results = {"features": seen["norm"].mean(0), "logits": logits}
            else:
                results = {"features": model(**inputs).pooler_output[0]}
        for hook in hooks:
            hook.remove()
        goldens.save_f32(DIRECTORY / case / f"{name}.safetensors", {"input": image} | seen | results)


def write_texts(case: str, model: transformers.PreTrainedModel, seed: int) -> None:
    model.double().eval()
    tower = getattr(model, "text_model", model)
    ids = text_goldens.random_ids(4, CONTEXT, VOCABULARY, 1, 0, 200 + seed)

    def run(ids: torch.Tensor) -> torch.Tensor:
        return tower(input_ids=ids).pooler_output

    text_goldens.write(
        DIRECTORY / case / "text.safetensors",
        ids,
        [list(range(CONTEXT))] * 4,
        [CONTEXT - 1] * 4,
        run,
        tower.embeddings,
        list(tower.encoder.layers),
        tower.final_layer_norm,
        None,
    )


def write_sizes() -> None:
    generator = random.Random(1)
    sizes = [(1, 1), (16, 16), (256, 256), (1, 5000), (4000, 3), (20000, 30000)]
    sizes += [(generator.randint(1, 4000), generator.randint(1, 4000)) for _ in range(120)]
    sizes += [(generator.randint(1, 40), generator.randint(1, 40)) for _ in range(40)]
    lines = []
    for height, width in sizes:
        patch, most = generator.choice([(16, 256), (14, 256), (16, 1024), (32, 64), (16, 1), (4, 10)])
        target = get_image_size_for_max_num_patches(height, width, patch, most)
        lines.append(",".join(map(str, (height, width, patch, most, *target))) + "\n")
    SIZES.write_text("".join(lines))


def main() -> None:
    write_sizes()
    torch.set_num_threads(1)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    config = transformers.Siglip2Config(text_config=TEXT, vision_config=VISION, num_labels=5)
    models = {
        "both_towers": transformers.Siglip2Model(config),
        "vision": transformers.Siglip2VisionModel(transformers.Siglip2VisionConfig(**VISION)),
        "classifier": transformers.Siglip2ForImageClassification(config),
        "text": transformers.Siglip2TextModel(transformers.Siglip2TextConfig(**TEXT)),
    }
    for seed, (case, model) in enumerate(models.items()):
        goldens.randomize(model, seed).save_pretrained(DIRECTORY / case)
        if case != "text":
            write_images(case, model, seed)
        if case in ("both_towers", "text"):
            write_texts(case, model, seed)


if __name__ == "__main__":
    main()

"""Writes the defaults of transformers' image processors as JSON, on standard output.

    python src/reference/image_processors.py \\
        > loaders/src/main/resources/ocellus/loaders/checkpoint/image-processors.json

For each class: the values that hold where a preprocessor_config.json is silent, and under "model_types" the models
whose processor it is where the file does not name a class.
"""

import json

import tvshim  # noqa: F401  stands in for torchvision, before transformers is imported
import transformers
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES

CLASSES = ["ViT", "DeiT", "ConvNext", "MobileNetV1", "MobileNetV2", "EfficientNet", "Bit", "CLIP", "Siglip", "Siglip2", "Beit", "DINOv3ViT"]
KEYS = [
    "do_resize", "size", "default_to_square", "resample", "crop_pct", "do_center_crop", "crop_size",
    "patch_size", "max_num_patches", "do_rescale", "rescale_factor", "rescale_offset", "do_normalize", "image_mean", "image_std", "include_top",
]


def defaults(name: str) -> dict[str, object]:
    processor = getattr(transformers, name + "Pil", None) or getattr(transformers, name)
    values = {key: getattr(processor, key, None) for key in KEYS}
    model_types = [t for t, classes in IMAGE_PROCESSOR_MAPPING_NAMES.items() if name in classes.values()]
    return {key: value for key, value in values.items() if value is not None} | {"model_types": sorted(model_types)}


def main() -> None:
    processors = {name: defaults(name) for name in (c + "ImageProcessor" for c in CLASSES)}
    lines = [f"    {json.dumps(name)}: {json.dumps(values)}" for name, values in processors.items()]
    source = f"transformers {transformers.__version__}, by src/reference/image_processors.py"
    print('{\n  "source": ' + json.dumps(source) + ',\n  "processors": {\n' + ",\n".join(lines) + "\n  }\n}")


if __name__ == "__main__":
    main()

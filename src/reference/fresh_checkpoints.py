"""Writes random checkpoints that nobody has seen before, with what timm or transformers answers on a picture.

    python src/reference/fresh_checkpoints.py DIR PICTURE [--seed N] [--family FAMILY]

Writes DIR/CASE as timm's save_for_hf or transformers' save_pretrained do, and DIR/CASE/expected.json with the picture's path,
`logits` (none without a head) and `embedding`, computed in float64 from the checkpoint as the library loads it. Without --seed
every run makes others. Compare with `ocellus classify --top all` and `ocellus embed`.
"""

import argparse
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import tvshim  # noqa: F401  (before torchvision)
import timm
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file
from timm.data import create_transform, resolve_data_config
from timm.models import save_for_hf
from transformers.models.beit.image_processing_pil_beit import BeitImageProcessorPil
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
from transformers.models.efficientnet.image_processing_pil_efficientnet import EfficientNetImageProcessorPil
from transformers.models.deit.image_processing_pil_deit import DeiTImageProcessorPil
from transformers.models.mobilenet_v1.image_processing_pil_mobilenet_v1 import MobileNetV1ImageProcessorPil
from transformers.models.mobilenet_v2.image_processing_pil_mobilenet_v2 import MobileNetV2ImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

import goldens
from make_convnext_goldens import original_name


@dataclass
class Timm:
    """An architecture and the arguments that it is built with and saved with."""

    architecture: str
    args: dict = field(default_factory=dict)

    def write(self, directory: Path, seed: int) -> None:
        overlay = {}
        if "img_size" in self.args:
            overlay["input_size"] = (3, self.args["img_size"], self.args["img_size"])
        model = timm.create_model(self.architecture, pretrained_cfg_overlay=overlay, **self.args)
        save_for_hf(goldens.randomize(model, seed), directory, model_args=self.args, safe_serialization=True)

    def answer(self, directory: Path, picture: Image.Image) -> dict[str, torch.Tensor]:
        model = timm.create_model(f"local-dir:{directory}", pretrained=True).double().eval()
        transform = create_transform(**resolve_data_config({}, model=model))
        return goldens.timm_outputs(model)(transform(picture.convert("RGB")).unsqueeze(0).double())


@dataclass
class Transformers:
    """A model, its image processor, and which part of the base model's output is the embedding."""

    model: Callable[[], transformers.PreTrainedModel]
    processor: Callable[[], transformers.ImageProcessingMixin]
    embedding: Callable[[transformers.utils.ModelOutput], torch.Tensor]

    def write(self, directory: Path, seed: int) -> None:
        goldens.randomize(self.model(), seed).save_pretrained(directory)
        self.processor().save_pretrained(directory)

    def answer(self, directory: Path, picture: Image.Image) -> dict[str, torch.Tensor]:
        model = type(self.model()).from_pretrained(directory, dtype=torch.float64).eval()
        processor = type(self.processor()).from_pretrained(directory)
        image = processor(picture.convert("RGB"), return_tensors="pt")["pixel_values"].double()
        kind = type(model).__name__
        inner = model if kind.endswith("Model") else model.base_model
        answer = {"features": self.embedding(inner(image))}
        if "Classification" in kind:
            answer["logits"] = model(image).logits
        return answer


@dataclass
class OriginalNames(Timm):
    """The weights under the names of the authors' code, which timm renames as it loads them."""

    def write(self, directory: Path, seed: int) -> None:
        super().write(directory, seed)
        file = directory / "model.safetensors"
        save_file({original_name(name): tensor for name, tensor in load_file(file).items()}, file)


def vit_config(**changes) -> transformers.ViTConfig:
    return transformers.ViTConfig(
        **({"hidden_size": 192, "num_attention_heads": 3, "intermediate_size": 768} | changes)
    )


def class_token(output: transformers.utils.ModelOutput) -> torch.Tensor:
    return output.last_hidden_state[:, 0]


VIT: dict[str, Timm | Transformers] = {
    "vit_tiny_patch16_224": Timm("vit_tiny_patch16_224"),
    "vit_small_patch8_average": Timm("vit_small_patch8_224", {"img_size": 160, "global_pool": "avg", "num_classes": 21}),
    "deit3_small_patch16_224": Timm("deit3_small_patch16_224"),
    "vit_small_patch14_reg4_dinov2": Timm("vit_small_patch14_reg4_dinov2", {"img_size": 224}),
    "vit_base_patch32_clip_224": Timm("vit_base_patch32_clip_224"),
    "vit_medium_patch16_gap_240": Timm("vit_medium_patch16_gap_240"),
    "vit_no_qkv_bias": Timm("vit_tiny_patch16_384", {"qkv_bias": False, "act_layer": "quick_gelu", "depth": 7}),
    "vit_for_classification": Transformers(
        lambda: transformers.ViTForImageClassification(vit_config(num_labels=37, hidden_act="gelu_new")),
        ViTImageProcessorPil,
        class_token,
    ),
    "vit_model": Transformers(
        lambda: transformers.ViTModel(vit_config(patch_size=32, image_size=288, qkv_bias=False)),
        lambda: ViTImageProcessorPil(size={"height": 288, "width": 288}, resample=3),
        class_token,
    ),
}



SMALL = {"hidden_size": 384, "num_attention_heads": 6}


def pooled(output: transformers.utils.ModelOutput) -> torch.Tensor:
    return output.pooler_output


def flat(output: transformers.utils.ModelOutput) -> torch.Tensor:
    return output.pooler_output.flatten(1)


def mean_of_patches(output: transformers.utils.ModelOutput) -> torch.Tensor:
    return output.last_hidden_state.mean(1)


def mean_of_tokens(output: transformers.utils.ModelOutput) -> torch.Tensor:
    return output.last_hidden_state[:, :2].mean(1)


def class_token_and_mean(prefix: int) -> Callable[[transformers.utils.ModelOutput], torch.Tensor]:
    def features(output: transformers.utils.ModelOutput) -> torch.Tensor:
        tokens = output.last_hidden_state
        return torch.cat([tokens[:, 0], tokens[:, prefix:].mean(1)], 1)

    return features


VIT_RELATIVES: dict[str, Timm | Transformers] = {
    "vit_giant_patch14_dinov2_depth_2": Timm("vit_giant_patch14_dinov2", {"img_size": 112, "depth": 2}),
    "vit_small_patch8_dino": Timm("vit_small_patch8_224", {"img_size": 112, "num_classes": 0}),
    "deit_tiny_distilled_patch16_224": Timm("deit_tiny_distilled_patch16_224"),
    "deit_small_distilled_no_head": Timm("deit_small_distilled_patch16_224", {"num_classes": 0}),
    "deit_with_teacher": Transformers(
        lambda: transformers.DeiTForImageClassificationWithTeacher(transformers.DeiTConfig(**SMALL, intermediate_size=1536)),
        DeiTImageProcessorPil,
        mean_of_tokens,
    ),
    "vit_so400m_patch14_siglip_depth_2": Timm("vit_so400m_patch14_siglip_224", {"depth": 2}),
    "siglip_vision_model": Transformers(
        lambda: transformers.SiglipVisionModel(transformers.SiglipVisionConfig(**SMALL, intermediate_size=1536, num_hidden_layers=4)),
        SiglipImageProcessorPil,
        pooled,
    ),
    "mae_for_pretraining": Transformers(
        lambda: transformers.ViTMAEForPreTraining(
            transformers.ViTMAEConfig(**SMALL, intermediate_size=1536, num_hidden_layers=4, mask_ratio=0.0)
        ),
        ViTImageProcessorPil,
        class_token,
    ),
    "ijepa_for_classification": Transformers(
        lambda: transformers.IJepaForImageClassification(
            transformers.IJepaConfig(**SMALL, intermediate_size=1536, num_hidden_layers=4, patch_size=14, num_labels=37)
        ),
        ViTImageProcessorPil,
        mean_of_patches,
    ),
    "dinov2_model": Transformers(
        lambda: transformers.Dinov2Model(transformers.Dinov2Config(**SMALL, image_size=518)),
        lambda: BitImageProcessorPil(size={"shortest_edge": 256}),
        class_token,
    ),
    "dinov2_giant_for_classification": Transformers(
        lambda: transformers.Dinov2ForImageClassification(
            transformers.Dinov2Config(
                hidden_size=1536, num_attention_heads=24, num_hidden_layers=2, use_swiglu_ffn=True, image_size=518, num_labels=7
            )
        ),
        lambda: BitImageProcessorPil(size={"shortest_edge": 200}, crop_size={"height": 140, "width": 196}),
        class_token_and_mean(1),
    ),
    "dinov2_with_registers_for_classification": Transformers(
        lambda: transformers.Dinov2WithRegistersForImageClassification(
            transformers.Dinov2WithRegistersConfig(**SMALL, patch_size=14, image_size=518, num_labels=7)
        ),
        lambda: BitImageProcessorPil(size={"shortest_edge": 256}),
        class_token_and_mean(5),
    ),
}


MOBILENET: dict[str, Timm | Transformers] = {
    "mobilenetv1_100": Timm("mobilenetv1_100", {"num_classes": 0}),
    "mobilenetv1_100h": Timm("mobilenetv1_100h"),
    "mobilenetv1_125": Timm("mobilenetv1_125", {"num_classes": 21}),
    "mobilenetv2_050": Timm("mobilenetv2_050", {"num_classes": 17}),
    "mobilenetv2_120d": Timm("mobilenetv2_120d"),
    "mobilenetv2_140_dilated": Timm("mobilenetv2_140", {"output_stride": 16, "num_classes": 0, "bn_eps": 0.01}),
    "mobilenetv3_large_100": Timm("mobilenetv3_large_100"),
    "mobilenetv3_large_150d": Timm("mobilenetv3_large_150d", {"num_classes": 0}),
    "mobilenetv3_rw": Timm("mobilenetv3_rw"),
    "mobilenetv3_small_075_max": Timm("mobilenetv3_small_075", {"global_pool": "max", "head_bias": False}),
    "tf_mobilenetv3_large_075": Timm("tf_mobilenetv3_large_075"),
    "tf_mobilenetv3_small_minimal_100": Timm("tf_mobilenetv3_small_minimal_100", {"act_layer": "gelu"}),
    "semnasnet_140": Timm("semnasnet_140"),
    "mnasnet_small": Timm("mnasnet_small", {"num_classes": 0}),
    "spnasnet_100": Timm("spnasnet_100"),
    "fbnetc_100": Timm("fbnetc_100"),
    "tinynet_d": Timm("tinynet_d"),
    "lcnet_075": Timm("lcnet_075"),
    "fbnetv3_d": Timm("fbnetv3_d", {"num_classes": 21}),
    "hardcorenas_c": Timm("hardcorenas_c"),
    "mobilenetv4_conv_small_050": Timm("mobilenetv4_conv_small_050"),
    "mobilenetv4_conv_large": Timm("mobilenetv4_conv_large", {"num_classes": 21}),
    "mobilenetv4_hybrid_medium": Timm("mobilenetv4_hybrid_medium"),
    "mobilenetv4_hybrid_large": Timm("mobilenetv4_hybrid_large", {"num_classes": 0, "act_layer": "silu"}),
    "mobilenet_v1_for_classification": Transformers(
        lambda: transformers.MobileNetV1ForImageClassification(
            transformers.MobileNetV1Config(num_labels=37, depth_multiplier=0.75, image_size=192)
        ),
        lambda: MobileNetV1ImageProcessorPil(size={"shortest_edge": 219}, crop_size={"height": 192, "width": 192}),
        pooled,
    ),
    "mobilenet_v1_model": Transformers(
        lambda: transformers.MobileNetV1Model(transformers.MobileNetV1Config(tf_padding=False)),
        MobileNetV1ImageProcessorPil,
        pooled,
    ),
    "mobilenet_v2_for_classification": Transformers(
        lambda: transformers.MobileNetV2ForImageClassification(transformers.MobileNetV2Config(num_labels=37)),
        MobileNetV2ImageProcessorPil,
        pooled,
    ),
    "mobilenet_v2_model": Transformers(
        lambda: transformers.MobileNetV2Model(
            transformers.MobileNetV2Config(
                depth_multiplier=0.35, output_stride=8, tf_padding=False, first_layer_is_expansion=False
            )
        ),
        lambda: MobileNetV2ImageProcessorPil(size={"shortest_edge": 180}, crop_size={"height": 161, "width": 173}),
        pooled,
    ),
}

EFFICIENTNET: dict[str, Timm | Transformers] = {
    "efficientnet_b0": Timm("efficientnet_b0"),
    "tf_efficientnet_b2": Timm("tf_efficientnet_b2", {"num_classes": 37}),
    "efficientnet_b4": Timm("efficientnet_b4", {"num_classes": 0, "output_stride": 16}),
    "tf_efficientnet_lite1": Timm("tf_efficientnet_lite1", {"global_pool": "catavgmax"}),
    "efficientnet_lite4": Timm("efficientnet_lite4"),
    "efficientnet_es": Timm("efficientnet_es"),
    "tf_efficientnet_em": Timm("tf_efficientnet_em", {"act_layer": "silu", "bn_eps": 0.01}),
    "efficientnetv2_s": Timm("efficientnetv2_s"),
    "efficientnetv2_rw_t": Timm("efficientnetv2_rw_t", {"num_classes": 0}),
    "efficientnetv2_rw_m": Timm("efficientnetv2_rw_m", {"num_classes": 21}),
    "tf_efficientnetv2_b3": Timm("tf_efficientnetv2_b3", {"global_pool": "max"}),
    "tf_efficientnetv2_m": Timm("tf_efficientnetv2_m"),
    "efficientnet_for_classification": Transformers(
        lambda: transformers.EfficientNetForImageClassification(
            transformers.EfficientNetConfig(
                width_coefficient=1.1, depth_coefficient=1.2, hidden_dim=1408, image_size=260, depthwise_padding=[5, 8, 16]
            )
        ),
        lambda: EfficientNetImageProcessorPil(size={"height": 260, "width": 260}),
        pooled,
    ),
    "efficientnet_model": Transformers(
        lambda: transformers.EfficientNetModel(
            transformers.EfficientNetConfig(width_coefficient=1.0, depth_coefficient=1.0, hidden_dim=1280, pooling_type="max")
        ),
        lambda: EfficientNetImageProcessorPil(
            size={"height": 225, "width": 199}, rescale_factor=1 / 127.5, rescale_offset=True, include_top=False
        ),
        pooled,
    ),
}

CONVNEXT: dict[str, Timm | Transformers] = {
    "convnext_atto": Timm("convnext_atto"),
    "convnext_tiny": Timm("convnext_tiny", {"num_classes": 21}),
    "convnext_femto_ols": Timm("convnext_femto_ols", {"global_pool": "avgmax"}),
    "convnext_nano_ols": Timm("convnext_nano_ols", {"num_classes": 0}),
    "convnext_zepto_rms_ols": Timm("convnext_zepto_rms_ols"),
    "convnext_atto_rms": Timm("convnext_atto_rms", {"norm_eps": 1e-4, "ls_init_value": 0.1}),
    "convnext_tiny_hnf": Timm("convnext_tiny_hnf", {"depths": [2, 1, 4, 2], "output_stride": 16}),
    "convnext_mlp_head": Timm("convnext_large_mlp", {"depths": [1, 2, 3, 1], "dims": [48, 96, 200, 384]}),
    "convnext_original_names": OriginalNames("convnext_tiny", {"depths": [1, 2, 3, 1]}),
    "convnextv2_tiny": Timm("convnextv2_tiny"),
    "convnextv2_atto": Timm("convnextv2_atto", {"num_classes": 0}),
    "convnextv2_for_classification": Transformers(
        lambda: transformers.ConvNextV2ForImageClassification(transformers.ConvNextV2Config(num_labels=37)),
        ConvNextImageProcessorPil,
        pooled,
    ),
    "dinov3_convnext_model": Transformers(
        lambda: transformers.DINOv3ConvNextModel(transformers.DINOv3ConvNextConfig()),
        ConvNextImageProcessorPil,
        pooled,
    ),
    "convnext_for_classification": Transformers(
        lambda: transformers.ConvNextForImageClassification(transformers.ConvNextConfig(num_labels=37)),
        ConvNextImageProcessorPil,
        pooled,
    ),
    "convnext_model": Transformers(
        lambda: transformers.ConvNextModel(
            transformers.ConvNextConfig(
                depths=[1, 1, 2], hidden_sizes=[40, 80, 160], num_stages=3, patch_size=8, layer_scale_init_value=0.0
            )
        ),
        lambda: ConvNextImageProcessorPil(size={"shortest_edge": 384}),
        pooled,
    ),
}

RESNET: dict[str, Timm | Transformers] = {
    "resnet18": Timm("resnet18"),
    "resnet34d": Timm("resnet34d", {"num_classes": 21}),
    "resnet50": Timm("resnet50"),
    "resnet101s": Timm("resnet101s", {"global_pool": "catavgmax"}),
    "resnet152": Timm("resnet152"),
    "resnet50d_dilated": Timm("resnet50d", {"output_stride": 8, "num_classes": 0}),
    "resnext50_32x4d": Timm("resnext50_32x4d"),
    "wide_resnet50_2": Timm("wide_resnet50_2", {"act_layer": "silu"}),
    "seresnet50": Timm("seresnet50"),
    "senet154": Timm("senet154", {"layers": [2, 2, 3, 1]}),
    "ecaresnet50t": Timm("ecaresnet50t"),
    "resnetrs50": Timm("resnetrs50"),
    "legacy_seresnet50": Timm("legacy_seresnet50"),
    "legacy_seresnext26_32x4d": Timm("legacy_seresnext26_32x4d"),
    "resnet_for_classification": Transformers(
        lambda: transformers.ResNetForImageClassification(transformers.ResNetConfig(num_labels=37)),
        ConvNextImageProcessorPil,
        flat,
    ),
    "resnet_model": Transformers(
        lambda: transformers.ResNetModel(
            transformers.ResNetConfig(
                layer_type="basic", depths=[2, 2, 2], hidden_sizes=[48, 96, 192], downsample_in_first_stage=True
            )
        ),
        lambda: ConvNextImageProcessorPil(size={"shortest_edge": 384}),
        flat,
    ),
}

REGNET: dict[str, Timm | Transformers] = {
    "regnetx_002": Timm("regnetx_002"),
    "regnetx_032": Timm("regnetx_032", {"num_classes": 21}),
    "regnetx_004_tv": Timm("regnetx_004_tv", {"global_pool": "avgmax"}),
    "regnety_008": Timm("regnety_008"),
    "regnety_040_dilated": Timm("regnety_040", {"output_stride": 8, "num_classes": 0}),
    "regnety_064": Timm("regnety_064", {"act_layer": "silu"}),
    "regnetz_040": Timm("regnetz_040"),
    "regnetz_040_h": Timm("regnetz_040_h", {"act_layer": "relu"}),
    "regnet_for_classification": Transformers(
        lambda: transformers.RegNetForImageClassification(transformers.RegNetConfig(num_labels=37)),
        ConvNextImageProcessorPil,
        flat,
    ),
    "regnet_model": Transformers(
        lambda: transformers.RegNetModel(
            transformers.RegNetConfig(layer_type="x", groups_width=16, hidden_sizes=[48, 96], depths=[2, 4], embedding_size=24)
        ),
        ConvNextImageProcessorPil,
        flat,
    ),
}

SMALL_SWIN = {"embed_dim": 48, "depths": [2, 2, 4, 2], "num_heads": [3, 3, 6, 12]}

SWIN: dict[str, Timm | Transformers] = {
    "swin_tiny_patch4_window7_224": Timm("swin_tiny_patch4_window7_224"),
    "swin_base_patch4_window12_384": Timm("swin_base_patch4_window12_384", {"embed_dim": 64, "num_classes": 17}),
    "swin_s3_small_224": Timm("swin_s3_small_224", {"depths": [2, 2, 6, 2]}),
    "swin_padded": Timm("swin_tiny_patch4_window7_224", {"img_size": 208, "window_size": 6}),
    "swinv2_tiny_window8_256": Timm("swinv2_tiny_window8_256"),
    "swinv2_window12to24": Timm("swinv2_base_window12to24_192to384", {"embed_dim": 64, "depths": [2, 2, 4, 2]}),
    "swin_for_classification": Transformers(
        lambda: transformers.SwinForImageClassification(transformers.SwinConfig(**SMALL_SWIN, num_labels=37)), ViTImageProcessorPil, pooled
    ),
    "swin_model": Transformers(
        lambda: transformers.SwinModel(transformers.SwinConfig(**SMALL_SWIN, image_size=208, window_size=6, hidden_act="gelu_new")),
        lambda: ViTImageProcessorPil(size={"height": 208, "width": 208}),
        pooled,
    ),
    "swinv2_for_classification": Transformers(
        lambda: transformers.Swinv2ForImageClassification(transformers.Swinv2Config(**SMALL_SWIN, image_size=256, window_size=8, num_labels=37)),
        lambda: ViTImageProcessorPil(size={"height": 256, "width": 256}),
        pooled,
    ),
}

VGG: dict[str, Timm | Transformers] = {
    "vgg11": Timm("vgg11"),
    "vgg16_bn": Timm("vgg16_bn", {"mlp_ratio": 0.5, "num_classes": 21}),
    "vgg19": Timm("vgg19", {"mlp_ratio": 0.25, "num_classes": 0}),
    "inception_v3": Timm("inception_v3"),
}

VIT_BLOCKS: dict[str, Timm | Transformers] = {
    "aimv2_large_depth_3": Timm("aimv2_large_patch14_224", {"depth": 3}),
    "beit3_base_depth_3": Timm("beit3_base_patch16_224", {"depth": 3}),
    "vit_base_patch16_xp_depth_3": Timm("vit_base_patch16_xp_224", {"depth": 3}),
    "vit_small_patch16_18x2_depth_3": Timm("vit_small_patch16_18x2_224", {"depth": 3}),
    "vit_base_patch16_rpn_depth_3": Timm("vit_base_patch16_rpn_224", {"depth": 3}),
    "internvl_vision_narrow": Transformers(
        lambda: transformers.InternVLVisionModel(
            transformers.InternVLVisionConfig(
                hidden_size=320, num_attention_heads=5, intermediate_size=1280, num_hidden_layers=4, norm_type="rms_norm", use_qk_norm=True
            )
        ),
        lambda: CLIPImageProcessorPil(size={"shortest_edge": 448}, crop_size={"height": 448, "width": 448}),
        class_token,
    ),
}

EVA: dict[str, Timm | Transformers] = {
    "eva02_tiny_patch14_336": Timm("eva02_tiny_patch14_336"),
    "eva02_base_patch14_depth_3": Timm("eva02_base_patch14_448", {"img_size": 224, "depth": 3, "num_classes": 7}),
    "eva02_clip_depth_3": Timm("eva02_base_patch16_clip_224", {"depth": 3}),
    "eva_giant_depth_2": Timm("eva_giant_patch14_224", {"depth": 2}),
    "vit_small_patch16_dinov3_qkvb": Timm("vit_small_patch16_dinov3_qkvb"),
    "dinov3_vit_model": Transformers(
        lambda: transformers.DINOv3ViTModel(
            transformers.DINOv3ViTConfig(**SMALL, num_register_tokens=4, num_hidden_layers=4, use_gated_mlp=True, hidden_act="silu")
        ),
        transformers.DINOv3ViTImageProcessor,
        pooled,
    ),
    "vit_7b_patch16_dinov3_narrow": Timm("vit_7b_patch16_dinov3", {"embed_dim": 512, "num_heads": 4, "depth": 3}),
    "vit_pe_core_tiny_patch16_384": Timm("vit_pe_core_tiny_patch16_384"),
    "vit_small_patch16_rope_224": Timm("vit_small_patch16_rope_224", {"depth": 4}),
}

BEIT: dict[str, Timm | Transformers] = {
    "beit_base_patch16_224": Timm("beit_base_patch16_224", {"depth": 4}),
    "beitv2_large_depth_2": Timm("beitv2_large_patch16_224", {"depth": 2, "num_classes": 0}),
    "beit_for_classification": Transformers(
        lambda: transformers.BeitForImageClassification(
            transformers.BeitConfig(**SMALL, intermediate_size=1536, use_relative_position_bias=True, num_labels=37)
        ),
        BeitImageProcessorPil,
        pooled,
    ),
}

FAMILIES = {
    "vit": VIT,
    "vit_relatives": VIT_RELATIVES,
    "vit_blocks": VIT_BLOCKS,
    "eva": EVA,
    "beit": BEIT,
    "mobilenet": MOBILENET,
    "convnext": CONVNEXT,
    "efficientnet": EFFICIENTNET,
    "resnet": RESNET,
    "regnet": REGNET,
    "swin": SWIN,
    "vgg": VGG,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31))
    parser.add_argument("--family", choices=FAMILIES, action="append")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"seed {options.seed}")
    picture = Image.open(options.picture)
    for family in options.family or FAMILIES:
        for index, (name, case) in enumerate(FAMILIES[family].items()):
            directory = options.directory / name
            case.write(directory, options.seed + index)
            with torch.no_grad():
                answer = case.answer(directory, picture)
            expected = {"image": str(options.picture.resolve()), "embedding": answer["features"][0].tolist()}
            if "logits" in answer:
                expected["logits"] = answer["logits"][0].tolist()
            (directory / "expected.json").write_text(json.dumps(expected) + "\n")
            print(f"{directory}: {len(expected.get('logits', []))} logits, {len(expected['embedding'])} features")


if __name__ == "__main__":
    main()

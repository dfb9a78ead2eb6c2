"""The vision transformers of fresh_checkpoints.py, by family."""

import tvshim  # noqa: F401  (before torchvision)
import transformers
from transformers.models.beit.image_processing_pil_beit import BeitImageProcessorPil
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.deit.image_processing_pil_deit import DeiTImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from fresh_cases import (
    Case,
    OpenGVLab,
    Timm,
    Transformers,
    class_token,
    class_token_and_mean,
    dinov2_linear,
    mean_of_patches,
    mean_of_tokens,
    pooled,
)


def vit_config(**changes) -> transformers.ViTConfig:
    return transformers.ViTConfig(
        **({"hidden_size": 192, "num_attention_heads": 3, "intermediate_size": 768} | changes)
    )


VIT: dict[str, Case] = {
    "vit_tiny_patch16_224": Timm("vit_tiny_patch16_224"),
    "vit_small_patch8_average": Timm("vit_small_patch8_224", {"img_size": 160, "global_pool": "avg", "num_classes": 21}),
    "vit_base_patch16_224": Timm("vit_base_patch16_224"),
    "vit_large_depth_3": Timm("vit_large_patch16_384", {"depth": 3, "img_size": 192, "num_classes": 0}),
    "deit3_small_patch16_224": Timm("deit3_small_patch16_224"),
    "deit3_base_patch16_384": Timm("deit3_base_patch16_384", {"depth": 4}),
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

VIT_RELATIVES: dict[str, Case] = {
    "vit_giant_patch14_dinov2_depth_2": Timm("vit_giant_patch14_dinov2", {"img_size": 112, "depth": 2}),
    "vit_small_patch14_dinov2_518": Timm("vit_small_patch14_dinov2"),
    "vit_giant_patch14_reg4_dinov2_depth_2": Timm("vit_giant_patch14_reg4_dinov2", {"img_size": 140, "depth": 2, "num_classes": 10}),
    "dinov2_vits14_lc": dinov2_linear("dinov2_vits14_lc"),
    "dinov2_vits14_reg_lc": dinov2_linear("dinov2_vits14_reg_lc", layers=1),
    "dinov2_vitb14_reg_lc": dinov2_linear("dinov2_vitb14_reg_lc"),
    "vit_small_patch8_dino": Timm("vit_small_patch8_224", {"img_size": 112, "num_classes": 0}),
    "deit_tiny_distilled_patch16_224": Timm("deit_tiny_distilled_patch16_224"),
    "deit_small_distilled_no_head": Timm("deit_small_distilled_patch16_224", {"num_classes": 0}),
    "deit_base_patch16_384": Timm("deit_base_patch16_384", {"depth": 4}),
    "deit_for_classification": Transformers(
        lambda: transformers.DeiTForImageClassification(transformers.DeiTConfig(**SMALL, intermediate_size=1536, num_labels=37)),
        DeiTImageProcessorPil,
        class_token,
    ),
    "deit_with_teacher": Transformers(
        lambda: transformers.DeiTForImageClassificationWithTeacher(transformers.DeiTConfig(**SMALL, intermediate_size=1536)),
        DeiTImageProcessorPil,
        mean_of_tokens,
    ),
    "vit_so400m_patch14_siglip_depth_2": Timm("vit_so400m_patch14_siglip_224", {"depth": 2}),
    "vit_base_patch16_siglip_gap_depth_3": Timm("vit_base_patch16_siglip_gap_256", {"depth": 3, "num_classes": 21}),
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
    "mae_model": Transformers(
        lambda: transformers.ViTMAEModel(
            transformers.ViTMAEConfig(**SMALL, intermediate_size=1536, num_hidden_layers=4, patch_size=32, mask_ratio=0.0)
        ),
        ViTImageProcessorPil,
        class_token,
    ),
    "ijepa_model": Transformers(
        lambda: transformers.IJepaModel(transformers.IJepaConfig(**SMALL, intermediate_size=1536, num_hidden_layers=4)),
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
    "dinov2_with_registers_model": Transformers(
        lambda: transformers.Dinov2WithRegistersModel(
            transformers.Dinov2WithRegistersConfig(**SMALL, patch_size=14, image_size=224, num_register_tokens=2)
        ),
        BitImageProcessorPil,
        class_token,
    ),
    "dinov2_with_registers_for_classification": Transformers(
        lambda: transformers.Dinov2WithRegistersForImageClassification(
            transformers.Dinov2WithRegistersConfig(**SMALL, patch_size=14, image_size=518, num_labels=7)
        ),
        lambda: BitImageProcessorPil(size={"shortest_edge": 256}),
        class_token_and_mean(5),
    ),
}

VIT_BLOCKS: dict[str, Case] = {
    "aimv2_large_depth_3": Timm("aimv2_large_patch14_224", {"depth": 3}),
    "beit3_base_depth_3": Timm("beit3_base_patch16_224", {"depth": 3}),
    "vit_base_patch16_xp_depth_3": Timm("vit_base_patch16_xp_224", {"depth": 3}),
    "vit_small_patch16_18x2_depth_3": Timm("vit_small_patch16_18x2_224", {"depth": 3}),
    "vit_base_patch16_rpn_depth_3": Timm("vit_base_patch16_rpn_224", {"depth": 3}),
    "vit_intern300m_depth_3": Timm("vit_intern300m_patch14_448", {"depth": 3, "img_size": 224}),
    "intern_vision_model": OpenGVLab(
        lambda: transformers.InternVLVisionModel(
            transformers.InternVLVisionConfig(
                **SMALL, intermediate_size=1536, num_hidden_layers=4, image_size=224, norm_type="rms_norm", use_qk_norm=True
            )
        ),
        CLIPImageProcessorPil,
        class_token,
    ),
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

EVA: dict[str, Case] = {
    "eva02_tiny_patch14_336": Timm("eva02_tiny_patch14_336"),
    "eva02_small_patch14_336": Timm("eva02_small_patch14_336"),
    "eva02_base_patch14_224": Timm("eva02_base_patch14_224"),
    "eva02_large_depth_2": Timm("eva02_large_patch14_448", {"depth": 2, "global_pool": "token"}),
    "eva02_base_patch14_depth_3": Timm("eva02_base_patch14_448", {"img_size": 224, "depth": 3, "num_classes": 7}),
    "eva02_clip_depth_3": Timm("eva02_base_patch16_clip_224", {"depth": 3}),
    "eva_giant_depth_2": Timm("eva_giant_patch14_224", {"depth": 2}),
    "vit_small_patch16_dinov3_qkvb": Timm("vit_small_patch16_dinov3_qkvb"),
    "vit_small_patch16_dinov3": Timm("vit_small_patch16_dinov3", {"img_size": 192, "num_classes": 10}),
    "vit_base_patch16_dinov3": Timm("vit_base_patch16_dinov3"),
    "vit_huge_plus_dinov3_depth_2": Timm("vit_huge_plus_patch16_dinov3", {"depth": 2}),
    "dinov3_vit_model_plain": Transformers(
        lambda: transformers.DINOv3ViTModel(transformers.DINOv3ViTConfig(**SMALL, num_hidden_layers=4)),
        lambda: transformers.DINOv3ViTImageProcessor(size={"height": 208, "width": 272}),
        pooled,
    ),
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

BEIT: dict[str, Case] = {
    "beit_base_patch16_224": Timm("beit_base_patch16_224", {"depth": 4}),
    "beitv2_large_depth_2": Timm("beitv2_large_patch16_224", {"depth": 2, "num_classes": 0}),
    "beit_large_512_depth_1": Timm("beit_large_patch16_512", {"depth": 1}),
    "beitv2_base_token": Timm("beitv2_base_patch16_224", {"depth": 6, "img_size": 192, "global_pool": "token"}),
    "beit_model": Transformers(
        lambda: transformers.BeitModel(
            transformers.BeitConfig(
                **SMALL, intermediate_size=1536, num_hidden_layers=4, use_shared_relative_position_bias=True, use_mean_pooling=False
            )
        ),
        BeitImageProcessorPil,
        pooled,
    ),
    "beit_for_classification": Transformers(
        lambda: transformers.BeitForImageClassification(
            transformers.BeitConfig(**SMALL, intermediate_size=1536, use_relative_position_bias=True, num_labels=37)
        ),
        BeitImageProcessorPil,
        pooled,
    ),
}

SMALL_SWIN = {"embed_dim": 48, "depths": [2, 2, 4, 2], "num_heads": [3, 3, 6, 12]}

SWIN: dict[str, Case] = {
    "swin_tiny_patch4_window7_224": Timm("swin_tiny_patch4_window7_224"),
    "swin_base_patch4_window12_384": Timm("swin_base_patch4_window12_384", {"embed_dim": 64, "num_classes": 17}),
    "swin_tiny_256_window8": Timm("swin_tiny_patch4_window7_224", {"img_size": 256, "window_size": 8}),
    "swin_small": Timm("swin_small_patch4_window7_224", {"num_classes": 21}),
    "swin_large_depth_5": Timm("swin_large_patch4_window7_224", {"depths": [1, 1, 2, 1]}),
    "swin_s3_small_224": Timm("swin_s3_small_224", {"depths": [2, 2, 6, 2]}),
    "swin_padded": Timm("swin_tiny_patch4_window7_224", {"img_size": 208, "window_size": 6}),
    "swinv2_tiny_window8_256": Timm("swinv2_tiny_window8_256"),
    "swinv2_tiny_window16_256": Timm("swinv2_tiny_window16_256"),
    "swinv2_small_window8_192": Timm("swinv2_small_window8_256", {"img_size": 192, "depths": [2, 2, 6, 2], "global_pool": "avg"}),
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
    "swinv2_model": Transformers(
        lambda: transformers.Swinv2Model(transformers.Swinv2Config(**SMALL_SWIN, image_size=192, window_size=12, qkv_bias=False)),
        lambda: ViTImageProcessorPil(size={"height": 192, "width": 192}),
        pooled,
    ),
}

"""The convolutional networks of fresh_checkpoints.py, by family."""

import tvshim  # noqa: F401  (before torchvision)
import transformers
from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
from transformers.models.efficientnet.image_processing_pil_efficientnet import EfficientNetImageProcessorPil
from transformers.models.mobilenet_v1.image_processing_pil_mobilenet_v1 import MobileNetV1ImageProcessorPil
from transformers.models.mobilenet_v2.image_processing_pil_mobilenet_v2 import MobileNetV2ImageProcessorPil

from fresh_cases import Case, OriginalNames, Timm, Transformers, flat, pooled, torchvision

MOBILENET: dict[str, Case] = {
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
    "tf_mobilenetv3_small_100": Timm("tf_mobilenetv3_small_100"),
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
    "mobilenetv4_conv_medium": Timm("mobilenetv4_conv_medium"),
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

EFFICIENTNET: dict[str, Case] = {
    "efficientnet_b0": Timm("efficientnet_b0"),
    "tf_efficientnet_b2": Timm("tf_efficientnet_b2", {"num_classes": 37}),
    "efficientnet_b4": Timm("efficientnet_b4", {"num_classes": 0, "output_stride": 16}),
    "tf_efficientnet_b7": Timm("tf_efficientnet_b7"),
    "tf_efficientnet_lite0": Timm("tf_efficientnet_lite0"),
    "tf_efficientnet_lite1": Timm("tf_efficientnet_lite1", {"global_pool": "catavgmax"}),
    "efficientnet_lite4": Timm("efficientnet_lite4"),
    "efficientnet_es": Timm("efficientnet_es"),
    "tf_efficientnet_em": Timm("tf_efficientnet_em", {"act_layer": "silu", "bn_eps": 0.01}),
    "efficientnetv2_s": Timm("efficientnetv2_s"),
    "efficientnetv2_rw_t": Timm("efficientnetv2_rw_t", {"num_classes": 0}),
    "efficientnetv2_rw_m": Timm("efficientnetv2_rw_m", {"num_classes": 21}),
    "tf_efficientnetv2_b3": Timm("tf_efficientnetv2_b3", {"global_pool": "max"}),
    "tf_efficientnetv2_b0": Timm("tf_efficientnetv2_b0"),
    "tf_efficientnetv2_m": Timm("tf_efficientnetv2_m"),
    "efficientnetv2_l": Timm("efficientnetv2_l"),
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

CONVNEXT: dict[str, Case] = {
    "convnext_atto": Timm("convnext_atto"),
    "convnext_tiny": Timm("convnext_tiny", {"num_classes": 21}),
    "convnext_small": Timm("convnext_small"),
    "convnext_base": Timm("convnext_base", {"num_classes": 0}),
    "convnext_xlarge_depth_5": Timm("convnext_xlarge", {"depths": [1, 1, 2, 1]}),
    "convnext_femto_ols": Timm("convnext_femto_ols", {"global_pool": "avgmax"}),
    "convnext_nano_ols": Timm("convnext_nano_ols", {"num_classes": 0}),
    "convnext_zepto_rms_ols": Timm("convnext_zepto_rms_ols"),
    "convnext_atto_rms": Timm("convnext_atto_rms", {"norm_eps": 1e-4, "ls_init_value": 0.1}),
    "convnext_tiny_hnf": Timm("convnext_tiny_hnf", {"depths": [2, 1, 4, 2], "output_stride": 16}),
    "convnext_mlp_head": Timm("convnext_large_mlp", {"depths": [1, 2, 3, 1], "dims": [48, 96, 200, 384]}),
    "convnext_original_names": OriginalNames("convnext_tiny", {"depths": [1, 2, 3, 1]}),
    "convnextv2_tiny": Timm("convnextv2_tiny"),
    "convnextv2_atto": Timm("convnextv2_atto", {"num_classes": 0}),
    "convnextv2_nano": Timm("convnextv2_nano"),
    "convnextv2_huge_depth_5": Timm("convnextv2_huge", {"depths": [1, 1, 2, 1]}),
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

RESNET: dict[str, Case] = {
    "resnet18": Timm("resnet18"),
    "resnet34d": Timm("resnet34d", {"num_classes": 21}),
    "resnet50": Timm("resnet50"),
    "resnet50c": Timm("resnet50c"),
    "resnet50_of_torchvision": torchvision("resnet50"),
    "resnet101s": Timm("resnet101s", {"global_pool": "catavgmax"}),
    "resnet152": Timm("resnet152"),
    "resnet50d_dilated": Timm("resnet50d", {"output_stride": 8, "num_classes": 0}),
    "resnext50_32x4d": Timm("resnext50_32x4d"),
    "wide_resnet50_2": Timm("wide_resnet50_2", {"act_layer": "silu"}),
    "resnext101_64x4d": Timm("resnext101_64x4d"),
    "wide_resnet101_2": Timm("wide_resnet101_2"),
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

REGNET: dict[str, Case] = {
    "regnetx_002": Timm("regnetx_002"),
    "regnetx_032": Timm("regnetx_032", {"num_classes": 21}),
    "regnetx_160": Timm("regnetx_160"),
    "regnetx_004_tv": Timm("regnetx_004_tv", {"global_pool": "avgmax"}),
    "regnety_008": Timm("regnety_008"),
    "regnety_002": Timm("regnety_002"),
    "regnety_800mf_of_torchvision": torchvision("regnet_y_800mf", "regnety_008_tv"),
    "regnety_080": Timm("regnety_080", {"global_pool": "max"}),
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

HISTORY: dict[str, Case] = {
    "vgg11": Timm("vgg11"),
    "vgg11_of_torchvision": torchvision("vgg11"),
    "vgg16_bn": Timm("vgg16_bn", {"mlp_ratio": 0.5, "num_classes": 21}),
    "vgg19": Timm("vgg19", {"mlp_ratio": 0.25, "num_classes": 0}),
    "inception_v3": Timm("inception_v3"),
    "alexnet": torchvision("alexnet"),
    "squeezenet1_0": torchvision("squeezenet1_0"),
    "squeezenet1_1": torchvision("squeezenet1_1", num_classes=21),
    "googlenet": torchvision("googlenet", transform_input=True, aux_logits=False),
}

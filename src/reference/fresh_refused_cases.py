"""Checkpoints that have to be refused, each with what the line about it has to name."""

from fresh_cases import Timm

REFUSED: dict[str, tuple[Timm, str]] = {
    "resnetaa50": (Timm("resnetaa50"), "resnet50"),
    "resnetblur50": (Timm("resnetblur50"), "resnet50"),
    "regnetv_040": (Timm("regnetv_040"), "regnety_040"),
    "regnetz_b16": (Timm("regnetz_b16"), "regnetz_040"),
    "mobilenetv4_conv_aa_medium": (Timm("mobilenetv4_conv_aa_medium"), "mobilenetv4_conv_medium"),
    "efficientnet_blur_b0": (Timm("efficientnet_blur_b0"), "efficientnet_b0"),
    "swinv2_cr_tiny_224": (Timm("swinv2_cr_tiny_224"), "swinv2_tiny_window8_256"),
    "vit_one_channel": (Timm("vit_tiny_patch16_224", {"in_chans": 1}), "1 channels"),
    "resnet_four_channels": (Timm("resnet18", {"in_chans": 4}), "4 channels"),
    "swin_four_channels": (Timm("swin_tiny_patch4_window7_224", {"in_chans": 4, "depths": [1, 1, 1, 1]}), "4 channels"),
    "vit_differential": (Timm("vit_tiny_patch16_224", {"attn_layer": "diff", "depth": 2}), "attn_layer"),
    "efficientnet_blurred": (Timm("efficientnet_b0", {"aa_layer": "blur"}), "aa_layer"),
}

package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelCatalogTest {
  /** Length of the header, and a header without tensors. */
  private static final byte[] NO_TENSORS = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};

  @TempDir Path folder;

  @BeforeEach
  void writeWeights() throws IOException {
    Files.write(folder.resolve("model.safetensors"), NO_TENSORS);
  }

  private Checkpoint checkpoint(String config) throws IOException {
    Files.writeString(folder.resolve("config.json"), config);
    return Checkpoint.open(folder);
  }

  private void assertFamily(String family, String config) throws IOException {
    try (Checkpoint checkpoint = checkpoint(config)) {
      assertEquals(family, ModelCatalog.familyOf(checkpoint.config()));
    }
  }

  private void assertUnsupported(String key, String value, String hint) throws IOException {
    try (Checkpoint checkpoint = checkpoint("{\"%s\": \"%s\"}".formatted(key, value))) {
      var e =
          assertThrows(CheckpointException.class, () -> ModelCatalog.familyOf(checkpoint.config()));
      assertEquals(
          "%s/config.json: %s \"%s\" is not supported; %s"
              .formatted(folder.getFileName(), key, value, hint),
          e.getMessage());
    }
  }

  @Test
  void knowsTheFamilyOfArchitecturesOfTimm() throws IOException {
    assertFamily("ViT", "{\"architecture\": \"vit_tiny_patch16_224\"}");
    assertFamily("ViT", "{\"architecture\": \"deit3_small_patch16_224.fb_in1k\"}");
    assertFamily("DINOv2 with linear classifier", "{\"architecture\": \"dinov2_vits14_reg_lc\"}");
    assertFamily("ConvNeXt", "{\"architecture\": \"convnext_tiny\"}");
    assertFamily("Swin", "{\"architecture\": \"swin_tiny_patch4_window7_224\"}");
    assertFamily("MobileNetV1", "{\"architecture\": \"mobilenetv1_100h\"}");
    assertFamily("MobileNetV2", "{\"architecture\": \"mobilenetv2_100\"}");
    assertFamily("MobileNetV3", "{\"architecture\": \"tf_mobilenetv3_small_minimal_100\"}");
    assertFamily("MobileNetV4", "{\"architecture\": \"mobilenetv4_hybrid_medium\"}");
    assertFamily("MnasNet", "{\"architecture\": \"spnasnet_100\"}");
    assertFamily("EfficientNet", "{\"architecture\": \"tf_efficientnet_b7.ns_jft_in1k\"}");
    assertFamily("ResNet", "{\"architecture\": \"resnet50.a1_in1k\"}");
    assertFamily("ResNet", "{\"architecture\": \"legacy_seresnet18\"}");
    assertFamily("CLIP's ResNets", "{\"architecture\": \"resnet50x4_clip.openai\"}");
    assertFamily("RegNet", "{\"architecture\": \"regnety_160.swag_ft_in1k\"}");
    assertFamily("EfficientNetV2", "{\"architecture\": \"efficientnetv2_rw_s\"}");
    assertFamily("VGG", "{\"architecture\": \"vgg16_bn.tv_in1k\"}");
    assertFamily("AlexNet", "{\"architecture\": \"alexnet\"}");
    assertFamily("SqueezeNet", "{\"architecture\": \"squeezenet1_1\"}");
    assertFamily("GoogLeNet", "{\"architecture\": \"googlenet\"}");
    assertFamily("Inception v3", "{\"architecture\": \"inception_v3.tv_in1k\"}");
  }

  @Test
  void knowsTheFamilyOfModelTypesOfTransformers() throws IOException {
    assertFamily("ViT", "{\"model_type\": \"vit\"}");
    assertFamily("ConvNeXt", "{\"model_type\": \"convnext\"}");
    assertFamily("ConvNeXt", "{\"model_type\": \"convnextv2\"}");
    assertFamily("ConvNeXt", "{\"model_type\": \"dinov3_convnext\"}");
    assertFamily("Swin", "{\"model_type\": \"swin\"}");
    assertFamily("Swin", "{\"model_type\": \"swinv2\"}");
    assertFamily("MobileNetV1", "{\"model_type\": \"mobilenet_v1\"}");
    assertFamily("MobileNetV2", "{\"model_type\": \"mobilenet_v2\"}");
    assertFamily("EfficientNet", "{\"model_type\": \"efficientnet\"}");
    assertFamily("ResNet", "{\"model_type\": \"resnet\"}");
    assertFamily("RegNet", "{\"model_type\": \"regnet\"}");
  }

  @Test
  void aMisspeltArchitectureNamesTheNearest() throws IOException {
    assertUnsupported(
        "architecture",
        "vit_tinny_patch16_224",
        "the nearest that is supported is vit_tiny_patch16_224");
    assertUnsupported(
        "architecture", "convnext_tini", "the nearest that is supported is convnext_tiny");
    assertUnsupported(
        "architecture",
        "mobilenetv3_smal_100",
        "the nearest that is supported is mobilenetv3_small_100");
    assertUnsupported("model_type", "convnet", "the nearest that is supported is convnext");
  }

  @Test
  void anotherVariantOfAFamilyNamesTheNearest() throws IOException {
    assertUnsupported(
        "architecture",
        "efficientnet_cc_b1_8e",
        "the nearest that is supported is efficientnet_b1");
    assertUnsupported(
        "architecture",
        "mobilenetv4_conv_aa_medium",
        "the nearest that is supported is mobilenetv4_conv_medium");
    assertUnsupported(
        "architecture",
        "tf_efficientnet_cc_b1_8e",
        "the nearest that is supported is tf_efficientnet_b1");
  }

  @ParameterizedTest
  @CsvSource({
    "efficientnet_b1_pruned, efficientnet_b1",
    "efficientnet_blur_b0, efficientnet_b0",
    "efficientnet_x_b3, efficientnet_b3",
    "gc_efficientnetv2_rw_t, efficientnetv2_rw_t",
    "inception_v4, inception_v3",
    "mobilenet_edgetpu_100, efficientnet_es",
    "resnet50_mlp, resnet50",
    "regnetz_b16, regnetz_040",
    "skresnet34, seresnet34",
    "swinv2_cr_small_ns_224, swinv2_small_window8_256",
    "vit_relpos_base_patch16_224, vit_base_patch16_224",
    "vit_base_r50_s16_384, vit_base_patch16_384",
    "caformer_s18, convnext_tiny",
    "crossvit_small_240, deit_small_patch16_224",
    "davit_large, swin_large_patch4_window7_224",
    "densenet121, resnet50",
    "ghostnet_100, mobilenetv3_large_100",
    "maxvit_base_tf_384, convnext_base",
    "mixer_b16_224, vit_base_patch16_224",
    "mixnet_s, efficientnet_es",
    "tf_mixnet_m, tf_efficientnet_em",
    "mobilevitv2_100, mobilenetv4_hybrid_medium",
    "nf_seresnet50, seresnet50",
    "pvt_v2_b2, swin_tiny_patch4_window7_224",
    "xcit_tiny_12_p16_224, deit_tiny_patch16_224",
  })
  void relativesNameTheNearestThatCanBeRun(String architecture, String nearest) throws IOException {
    assertUnsupported("architecture", architecture, "the nearest that is supported is " + nearest);
  }

  @Test
  void relativesAlsoServeModelTypes() throws IOException {
    assertUnsupported("model_type", "focalnet", "the nearest that is supported is swin");
    assertUnsupported("model_type", "poolformer", "the nearest that is supported is convnext");
    assertUnsupported("model_type", "bit", "the nearest that is supported is resnet");
  }

  @Test
  void whatHasNoRelativeNamesTheFamilies() throws IOException {
    String families =
        "the supported families are ViT, DINOv2 with linear classifier, EVA, BEiT, ConvNeXt, Swin,"
            + " MobileNetV1, MobileNetV2, MobileNetV3, MobileNetV4, LCNet, FBNetV3, HardCoRe-NAS,"
            + " MnasNet, EfficientNet, EfficientNetV2, ResNet, CLIP's ResNets, RegNet, VGG,"
            + " AlexNet, SqueezeNet,"
            + " GoogLeNet, Inception v3";
    assertUnsupported("architecture", "lenet5", families);
    assertUnsupported("model_type", "upernet", families);
  }
}

package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.VectorWidth;
import ocellus.engine.kernels.WeightFormat;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.image.Size;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SparseCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** That what is foreseen of a model's memory is what it takes. */
class ModelOutlineTest {
  /** What kernels may save by not writing a tensor between two of their steps. */
  private static final double FUSED = 1.5;

  private static final String CONFIG =
      """
      {"architecture": "vit_7b_patch16_dinov3", "num_classes": 0,
       "pretrained_cfg": {"input_size": [3, 256, 256], "interpolation": "bicubic", "crop_pct": 1.0,
                          "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}
      """;

  private static final LoadOptions OPTIONS = LoadOptions.defaults().withThreads(1);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "beit/shared_bias",
        "convnext/v2",
        "eva/dinov3_gated",
        "eva/registers",
        "siglip2/classifier",
        "swin/shifted",
        "swin/v2_shifted",
        "vit/query_key_norm",
        "vit_transformers/siglip_model",
      })
  void tellsWhatThePassOfASmallCheckpointTakes(String golden) {
    verify(Goldens.folder(golden));
  }

  @ParameterizedTest
  @CsvSource({
    "efficientnet, efficientnet_b0",
    "efficientnetv2, tf_efficientnetv2_b0",
    "mobilenetv1, mobilenetv1_100",
    "mobilenetv3, mobilenetv3_large_100",
    "mobilenetv4, mobilenetv4_hybrid_medium_075",
    "regnet, regnetz_005",
    "resnet, ecaresnet26t",
    "resnet, resnet50",
    "torchvision, squeezenet1_1",
    "torchvision, googlenet",
  })
  void tellsWhatThePassOfAPresetTakes(String family, String preset, @TempDir Path folder)
      throws IOException {
    String config = "{\"architecture\": \"" + preset + "\", \"num_classes\": 1000}";
    verify(SparseCheckpoint.write(folder, config, "F32", Listings.of(family).get(preset)));
  }

  private static void verify(Path folder) {
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        LoadedModel model = LoadedModel.load(folder, OPTIONS)) {
      ModelOutline outline = ModelOutline.of(checkpoint, OPTIONS);
      Size size = outline.inputSize();
      assertEquals(model.inputSize(), size);
      assertEquals(model.weightBytes(), outline.weightBytes());
      Workspace ws = new Workspace();
      ImageModel network = model.network();
      Tensor image = ws.tensor(size.height(), size.width(), network.inputChannels());
      Tensor features = network.features(image, ws);
      if (network.classCount() > 0) {
        network.logits(features, ws);
      }
      long measured = outline.activationBytes();
      assertEquals(measured, ModelOutline.activationBytes(network, size));
      if (VectorWidth.BITS == 0) {
        assertTrue(measured <= ws.activationBytes(), measured + " of " + ws);
      } else {
        assertTrue(measured >= ws.activationBytes(), measured + " of " + ws);
        assertTrue(measured <= FUSED * ws.activationBytes(), measured + " of " + ws);
      }
    }
  }

  @Test
  void aNetworkOfAnySizeCanBeOutlined(@TempDir Path folder) throws IOException {
    write(folder, "BF16");
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      ModelOutline outline = ModelOutline.of(checkpoint, OPTIONS);
      assertEquals(6_716_030_976L, outline.info().parameters());
      // Where the layer scale is folded in, weights in BF16 don't stay so.
      Map<WeightFormat, Long> byFormat = outline.weightBytes();
      assertEquals(
          outline.weightBytesAs(WeightFormat.BF16),
          byFormat.get(WeightFormat.BF16) + byFormat.get(WeightFormat.F32) / 2);
      long bytes = outline.weightBytesAs(WeightFormat.F32);
      assertTrue(bytes > 26_800_000_000L && bytes < 26_900_000_000L, "bytes: " + bytes);
      long activations = outline.activationBytes();
      assertTrue(activations > 20 << 20 && activations < 50 << 20, "bytes: " + activations);
    }
  }

  @Test
  void weightsThatTheSystemHasNoMemoryForAreRefused(@TempDir Path folder) throws IOException {
    write(folder, "F32");
    assertRefused(
        folder,
        "20g",
        ": the weights take 26856.1 MB of memory, of which the system has 21474.8 MB left; load it"
            + " with --weights bf16 (LoadOptions.withWeights), which takes 13428.1 MB");
    assertRefused(
        folder,
        "2000000k",
        ": the weights take 26856.1 MB of memory, of which the system has 2048.0 MB left; end other"
            + " programs, or use a machine with more");
  }

  private static void write(Path folder, String dtype) throws IOException {
    SparseCheckpoint.write(folder, CONFIG, dtype, Listings.of("eva").get("vit_7b_patch16_dinov3"));
  }

  private static void assertRefused(Path folder, String available, String message) {
    System.setProperty(AvailableMemory.PROPERTY, available);
    try {
      var e = assertThrows(MemoryException.class, () -> LoadedModel.load(folder, OPTIONS));
      assertEquals(folder.getFileName() + message, e.getMessage());
    } finally {
      System.clearProperty(AvailableMemory.PROPERTY);
    }
  }
}

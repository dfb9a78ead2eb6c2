package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException;
import ocellus.engine.kernels.WeightFormat;
import ocellus.loaders.safetensors.Safetensors;
import ocellus.loaders.safetensors.TensorInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What checkpoints of 16 bits, and weights rounded to 16 bits, take and give. */
class WeightFormatsTest {
  private static final Path VIT = Path.of("src/test/resources/goldens/vit/average_pool");
  private static final Path SCALED =
      Path.of("src/test/resources/goldens/convnext/conv_mlp_overlap");

  /** Of the largest logit: what rounding all weights of a few layers comes to, a few times over. */
  private static final double COARSE = 0.05;

  private static final LoadOptions OPTIONS = LoadOptions.defaults().withThreads(1);

  @TempDir Path folder;

  @Test
  void whatIsStoredIn16BitsStaysSoAndGivesTheSameBits() throws IOException {
    for (WeightFormat format : List.of(WeightFormat.F16, WeightFormat.BF16)) {
      Path twin = twin(VIT, format, 1);
      try (LoadedModel stored = LoadedModel.load(twin, OPTIONS);
          LoadedModel wide = LoadedModel.load(twin, OPTIONS.withWeights(WeightFormat.F32))) {
        assertEquals(Set.of(format), stored.weightBytes().keySet());
        assertEquals(Set.of(WeightFormat.F32), wide.weightBytes().keySet());
        long half = stored.weightBytes().get(format);
        long full = wide.weightBytes().get(WeightFormat.F32);
        assertTrue(half >= full / 2 && half < 0.6 * full, half + " of " + full);
        assertArrayEquals(logits(wide), logits(stored));
      }
    }
  }

  @Test
  void whatSomethingIsFoldedIntoIsNotRounded() throws IOException {
    Path twin = twin(SCALED, WeightFormat.BF16, 1);
    try (LoadedModel stored = LoadedModel.load(twin, OPTIONS);
        LoadedModel wide = LoadedModel.load(twin, OPTIONS.withWeights(WeightFormat.F32))) {
      Map<WeightFormat, Long> bytes = stored.weightBytes();
      assertEquals(Set.of(WeightFormat.F32, WeightFormat.BF16), bytes.keySet());
      assertArrayEquals(logits(wide), logits(stored));
    }
  }

  @Test
  void aCheckpointOfF32IsRoundedOnlyWhereThatIsAskedFor() {
    for (Path checkpoint : List.of(VIT, SCALED)) {
      try (LoadedModel exact = LoadedModel.load(checkpoint, OPTIONS)) {
        assertEquals(Set.of(WeightFormat.F32), exact.weightBytes().keySet());
        float[] expected = logits(exact);
        for (WeightFormat format : List.of(WeightFormat.F16, WeightFormat.BF16)) {
          try (LoadedModel rounded = LoadedModel.load(checkpoint, OPTIONS.withWeights(format))) {
            assertEquals(Set.of(format), rounded.weightBytes().keySet());
            float[] actual = logits(rounded);
            assertFalse(Arrays.equals(expected, actual), checkpoint + " " + format);
            assertClose(expected, actual);
          }
        }
      }
    }
  }

  @Test
  void weightsBeyondF16AreRefusedByName() throws IOException {
    Path large = twin(VIT, WeightFormat.BF16, 1e6f);
    LoadOptions options = OPTIONS.withWeights(WeightFormat.F16);
    var e = assertThrows(WeightException.class, () -> LoadedModel.load(large, options));
    assertEquals(WeightException.Defect.OUT_OF_RANGE, e.defect());
    assertTrue(e.getMessage().contains("tensor patch_embed.proj.weight reaches"), e.getMessage());
    assertTrue(e.getMessage().endsWith("; choose bf16 or f32 weights"), e.getMessage());
  }

  private static float[] logits(LoadedModel model) {
    ImageModel network = model.network();
    Tensor image =
        Tensor.zeros(network.inputHeight(), network.inputWidth(), network.inputChannels());
    Random random = new Random(1);
    for (int i = 0; i < image.size(); i++) {
      image.data()[image.offset() + i] = (float) random.nextGaussian();
    }
    return model.logits(List.of(image)).getFirst();
  }

  private static void assertClose(float[] expected, float[] actual) {
    double largest = 0;
    for (float e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], COARSE * largest);
    }
  }

  /** A copy of a checkpoint with all tensors stored in 16 bits, first multiplied by a factor. */
  private Path twin(Path checkpoint, WeightFormat format, float factor) throws IOException {
    Path twin = Files.createTempDirectory(folder, format.name());
    Files.copy(checkpoint.resolve("config.json"), twin.resolve("config.json"));
    StringBuilder header = new StringBuilder("{");
    var data = new ByteArrayOutputStream();
    try (Safetensors file = Safetensors.open(checkpoint.resolve("model.safetensors"))) {
      for (TensorInfo tensor : file.tensors()) {
        float[] values = new float[(int) tensor.shape().size()];
        file.read(tensor.name(), 0, values, 0, values.length);
        ByteBuffer halves = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
          halves.putShort(half(format, value * factor));
        }
        header
            .append(header.length() > 1 ? "," : "")
            .append(
                "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(
                        tensor.name(),
                        format.name(),
                        Arrays.toString(tensor.shape().toArray()),
                        data.size(),
                        data.size() + halves.capacity()));
        data.writeBytes(halves.array());
      }
    }
    byte[] text = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer whole =
        ByteBuffer.allocate(Long.BYTES + text.length + data.size()).order(ByteOrder.LITTLE_ENDIAN);
    whole.putLong(text.length).put(text).put(data.toByteArray());
    Files.write(twin.resolve("model.safetensors"), whole.array());
    return twin;
  }

  private static short half(WeightFormat format, float value) {
    return format == WeightFormat.F16
        ? Float.floatToFloat16(value)
        : (short) (Float.floatToIntBits(value) >>> Short.SIZE);
  }
}

package ocellus.loaders.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import ocellus.engine.Tensor;
import ocellus.loaders.image.Checksums;
import ocellus.loaders.image.Noise;
import ocellus.loaders.image.Preprocessor;
import ocellus.loaders.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Folders as timm, transformers and open_clip save them: see src/reference/make_config_goldens.py.
 */
class GoldenConfigsTest {
  private static final List<String> CONFIG_FILES =
      List.of(
          "config.json",
          "preprocessor_config.json",
          "processor_config.json",
          "open_clip_config.json");

  @TempDir private Path dir;

  private Checkpoint open(String name) throws IOException {
    for (String file : CONFIG_FILES) {
      String resource = "/configs/" + name + "/" + file;
      if (GoldenConfigsTest.class.getResource(resource) != null) {
        Files.write(dir.resolve(file), Checksums.bytes(resource));
      }
    }
    Files.write(dir.resolve("model.safetensors"), Folders.NO_TENSORS);
    return Checkpoint.open(dir);
  }

  static List<Checksums.Line> tensors() {
    return Checksums.read("/configs/preprocessing.sha256");
  }

  @ParameterizedTest
  @MethodSource("tensors")
  void preprocessingIsThatOfTheLibrary(Checksums.Line golden) throws IOException {
    String[] sizeAndCase = golden.name().split(" ", 2);
    String[] size = sizeAndCase[0].split("x", 2);
    RgbImage image = Noise.image(Integer.parseInt(size[0]), Integer.parseInt(size[1]));
    try (Checkpoint checkpoint = open(sizeAndCase[1])) {
      Tensor tensor = new Preprocessor(checkpoint.preprocessing()).apply(image);
      int floats = Math.toIntExact(tensor.shape().size());
      ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * floats).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(tensor.data(), tensor.offset(), floats);
      assertEquals(golden.checksum(), Checksums.sha256(bytes.array()));
    }
  }

  private TimmConfig timm(String name) throws IOException {
    try (Checkpoint checkpoint = open(name)) {
      return (TimmConfig) checkpoint.config();
    }
  }

  private List<String> labels(String name) throws IOException {
    try (Checkpoint checkpoint = open(name)) {
      return checkpoint.labels();
    }
  }

  @Test
  void timmSaysWhichModelItIs() throws IOException {
    TimmConfig config = timm("timm-vit");
    assertEquals("vit_tiny_patch16_224", config.architecture());
    assertEquals(Optional.of("augreg_in21k_ft_in1k"), config.tag());
    assertEquals(OptionalInt.of(1000), config.numClasses());
    assertEquals(Optional.of("token"), config.globalPool());
    assertTrue(config.modelArgs().keys().isEmpty());
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      assertEquals(Optional.of("apache-2.0"), checkpoint.license());
      assertEquals(List.of(), checkpoint.labels());
    }
  }

  @Test
  void legacyFilesAreFlat() throws IOException {
    TimmConfig config = timm("timm-legacy");
    assertEquals("mobilenetv3_small_050", config.architecture());
    assertEquals(OptionalInt.of(2), config.numClasses());
    assertEquals(Optional.empty(), config.tag());
    assertEquals(List.of("a", "b"), labels("timm-legacy"));
  }

  @Test
  void labelsAreDescriptionsWhereThereAreAny() throws IOException {
    assertEquals(List.of("one, uno", "n2", "three"), labels("timm-labels"));
  }

  @Test
  void labelMapsMayHaveGaps() throws IOException {
    assertEquals(List.of("zero", "1", "2", "three"), labels("timm-label-map"));
  }

  @Test
  void transformersSaysWhichModelItIs() throws IOException {
    try (Checkpoint checkpoint = open("mobilenet-v2")) {
      var config = (TransformersConfig) checkpoint.config();
      assertEquals("mobilenet_v2", config.modelType());
      assertEquals(List.of(), config.architectures());
      assertEquals(List.of("cat", "dog"), checkpoint.labels());
      assertEquals(Optional.empty(), checkpoint.license());
    }
  }

  @Test
  void placeholdersAreNoLabels() throws IOException {
    assertEquals(List.of(), labels("vit-fast"));
  }
}

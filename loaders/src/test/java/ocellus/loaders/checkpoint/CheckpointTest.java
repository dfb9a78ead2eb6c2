package ocellus.loaders.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import ocellus.engine.OcellusException;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.json.JsonObject;
import ocellus.loaders.safetensors.DType;
import ocellus.loaders.safetensors.SafetensorsException;
import ocellus.loaders.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final String TIMM = "{\"architecture\": \"vit_tiny_patch16_224\"}";

  @TempDir private Path dir;

  private void file(String name, String text) throws IOException {
    Files.writeString(dir.resolve(name), text);
  }

  private void weights(String name) throws IOException {
    Files.write(dir.resolve(name), Folders.NO_TENSORS);
  }

  private String refusal(Path folder) {
    var e = assertThrows(CheckpointException.class, () -> Checkpoint.open(folder));
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertTrue(e.getMessage().contains(dir.getFileName().toString()), e.getMessage());
    return e.getMessage();
  }

  private void assertRefused(String expected) {
    String message = refusal(dir);
    assertTrue(message.contains(expected), message);
  }

  @Test
  void aMissingFolderIsNamed() {
    assertEquals(dir.resolve("no") + ": there is no such folder", refusal(dir.resolve("no")));
  }

  @Test
  void aFileIsNoFolder() throws IOException {
    weights("model.safetensors");
    assertTrue(refusal(dir.resolve("model.safetensors")).contains("is a file; give the folder"));
  }

  @Test
  void aFolderWithoutConfigurationIsRefused() throws IOException {
    weights("model.safetensors");
    assertRefused(": no config.json; ");
  }

  @Test
  void aConfigurationOfNeitherLibraryIsRefused() throws IOException {
    Folders.checkpoint(dir, "{\"hidden_size\": 3}", null);
    assertRefused(
        "/config.json: neither timm's (no architecture) nor transformers' (no model_type)");
  }

  @Test
  void aDamagedConfigurationIsRefused() throws IOException {
    Folders.checkpoint(dir, TIMM.substring(1), null);
    assertRefused("/config.json: ");
    Folders.checkpoint(dir, "{\"architecture\": [1]}", null);
    assertRefused("/config.json: architecture is [1], expected a string");
    Folders.checkpoint(dir, "{\"model_type\": \"vit\"}", "{");
    assertRefused("/preprocessor_config.json: not valid JSON");
  }

  @Test
  void aFolderWithoutWeightsIsRefused() throws IOException {
    file("config.json", TIMM);
    file("README.md", "a model");
    assertRefused(": no weights; ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pytorch_model.bin", "best.pth", "x.pt", "last.ckpt", "model.bin", "m.pth.tar"})
  void aPickleIsToBeConverted(String name) throws IOException {
    file("config.json", TIMM);
    file(name, "");
    assertRefused("the weights are a pickle, " + name + ", which is not read; convert it");
    assertRefused("torch.load('" + name + "'");
  }

  @Test
  void severalCandidatesAreRefused() throws IOException {
    file("config.json", TIMM);
    weights("a.safetensors");
    weights("b.safetensors");
    assertRefused("2 files may hold the weights, a.safetensors, b.safetensors; ");
  }

  /** As in a cache whose blobs were cleaned up. */
  @Test
  void linksToNothingAreNotPassedOver() throws IOException {
    weights("other.safetensors");
    Files.createSymbolicLink(dir.resolve("config.json"), Path.of("none"));
    assertRefused("config.json: cannot be read: there is no such file");
    Files.delete(dir.resolve("config.json"));
    file("config.json", "{\"architecture\": \"resnet18\"}");
    Files.createSymbolicLink(dir.resolve("model.safetensors"), Path.of("none"));
    var e = assertThrows(SafetensorsException.class, () -> Checkpoint.open(dir));
    assertTrue(
        e.getMessage().endsWith("model.safetensors: cannot be read: there is no such file"),
        e.getMessage());
  }

  @Test
  void weightsOfAnyNameMayBeALinkToNothing() throws IOException {
    file("config.json", TIMM);
    Files.createSymbolicLink(dir.resolve("vit.safetensors"), Path.of("none"));
    var e = assertThrows(SafetensorsException.class, () -> Checkpoint.open(dir));
    assertTrue(
        e.getMessage().endsWith("vit.safetensors: cannot be read: there is no such file"),
        e.getMessage());
    weights("other.safetensors");
    assertRefused("2 files may hold the weights, other.safetensors, vit.safetensors; ");
  }

  @Test
  void shardsWithoutTheirIndexAreRefused() throws IOException {
    file("config.json", TIMM);
    weights("model-00001-of-00002.safetensors");
    weights("model-00002-of-00002.safetensors");
    assertRefused("the shards lack their index");
  }

  @Test
  void malformedWeightsAreRefused() throws IOException {
    file("config.json", TIMM);
    file("model.safetensors", "no");
    OcellusException e = assertThrows(SafetensorsException.class, () -> Checkpoint.open(dir));
    assertTrue(e.getMessage().contains("/model.safetensors: 2 bytes"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"model.safetensors", "open_clip_model.safetensors", "any-other.safetensors"})
  void weightsAreFoundUnderTheirNames(String name) throws IOException {
    file("config.json", TIMM);
    file("pytorch_model.bin", "");
    weights(name);
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      assertEquals(dir.getFileName() + "/" + name, checkpoint.weights().description());
      assertEquals(dir.getFileName().toString(), checkpoint.name());
    }
  }

  @Test
  void theUsualNameComesFirst() throws IOException {
    file("config.json", TIMM);
    weights("another.safetensors");
    weights("open_clip_model.safetensors");
    file("model.safetensors.index.json", "{\"weight_map\": {}}");
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      assertTrue(checkpoint.weights().description().endsWith("model.safetensors.index.json"));
    }
    weights("model.safetensors");
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      assertTrue(checkpoint.weights().description().endsWith("/model.safetensors"));
    }
  }

  /** What a repository may hold beside open_clip's configuration, and whose files count. */
  @ParameterizedTest
  @CsvSource({
    "'', open_clip_model.safetensors, OpenClipConfig",
    "'', model.safetensors, OpenClipConfig",
    "timm, open_clip_model.safetensors model.safetensors, OpenClipConfig",
    "timm, model.safetensors, TimmConfig",
    "transformers, open_clip_model.safetensors model.safetensors, TransformersConfig",
    "transformers, open_clip_model.safetensors, OpenClipConfig",
  })
  void openClipsFilesCountWhereTheyAreWhole(String other, String weights, String expected)
      throws IOException {
    file("open_clip_config.json", "{\"model_cfg\": {\"vision_cfg\": {}, \"text_cfg\": {}}}");
    if (!other.isEmpty()) {
      file("config.json", other.equals("timm") ? TIMM : "{\"model_type\": \"clip\"}");
    }
    for (String name : weights.split(" ", -1)) {
      weights(name);
    }
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      assertEquals(expected, checkpoint.config().getClass().getSimpleName());
      boolean openClip = expected.equals("OpenClipConfig") && weights.contains("open_clip");
      assertEquals(openClip, checkpoint.weights().description().contains("open_clip_model"));
      assertTrue(checkpoint.labels().isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`'resize_mode': 'stretch'` | resize_mode is \"stretch\", expected shortest, longest or"
            + " squash",
        "`'interpolation': 'lanczos'` | interpolation is \"lanczos\", expected bicubic",
        "`'mode': 'L'` | mode is \"L\", expected RGB",
        "`'mean': [0.5]` | unusable preprocessing: mean [0.5]",
      })
  void openClipsPreprocessingIsChecked(String entry, String part) throws IOException {
    String config =
        "{'model_cfg': {'vision_cfg': {}, 'text_cfg': {}}, 'preprocess_cfg': {" + entry + "}}";
    file("open_clip_config.json", config.replace('\'', '"'));
    weights("open_clip_model.safetensors");
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      var e = assertThrows(CheckpointException.class, checkpoint::preprocessing);
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  @Test
  void aSnapshotOfTheCacheIsOpenedThroughItsLinks() throws IOException {
    Path snapshot = dir.resolve("models--timm--vit_tiny/snapshots/0123abcd");
    Path blobs = dir.resolve("models--timm--vit_tiny/blobs");
    Files.createDirectories(snapshot);
    Files.createDirectories(blobs);
    Files.write(blobs.resolve("1"), Folders.NO_TENSORS);
    Files.writeString(blobs.resolve("2"), TIMM);
    try {
      Files.createSymbolicLink(snapshot.resolve("model.safetensors"), Path.of("../../blobs/1"));
      Files.createSymbolicLink(snapshot.resolve("config.json"), Path.of("../../blobs/2"));
    } catch (UnsupportedOperationException | IOException e) {
      assumeTrue(false, "no symbolic links here");
    }
    try (Checkpoint checkpoint = Checkpoint.open(snapshot)) {
      assertEquals("timm/vit_tiny", checkpoint.name());
      assertEquals(List.of(), checkpoint.weights().tensors());
    }
  }

  @Test
  void modelArgumentsOverrideWhatIsBesideThem() throws IOException {
    Folders.checkpoint(
        dir,
        """
        {"architecture": "vit_small_patch16_224.dino", "num_classes": 10, "global_pool": "token",
         "model_args": {"num_classes": 7, "global_pool": "avg"},
         "pretrained_cfg": {"num_classes": 1000, "tag": "other"}}\
        """,
        null);
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      var config = (TimmConfig) checkpoint.config();
      assertEquals("vit_small_patch16_224", config.architecture());
      assertEquals(Optional.of("dino"), config.tag());
      assertEquals(OptionalInt.of(7), config.numClasses());
      assertEquals(Optional.of("avg"), config.globalPool());
    }
  }

  @Test
  void labelsMustBeAsManyAsClasses() throws IOException {
    Folders.checkpoint(
        dir,
        "{\"architecture\": \"x\", \"num_classes\": 3, \"label_names\": [\"a\", \"b\"]}",
        null);
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      String message = assertThrows(CheckpointException.class, checkpoint::labels).getMessage();
      assertTrue(message.endsWith("label_names has 2 entries for 3 classes; correct or remove it"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "-1", "1.5", "99999999", "1000000"})
  void idsOfLabelsMustBeIndices(String id) throws IOException {
    Folders.checkpoint(
        dir, "{\"model_type\": \"vit\", \"id2label\": {\"" + id + "\": \"a\"}}", null);
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      String message = assertThrows(CheckpointException.class, checkpoint::labels).getMessage();
      assertTrue(message.contains("id2label." + id + " is not the index of a class"), message);
    }
  }

  private Optional<String> licenseOf(String readme) throws IOException {
    Folders.checkpoint(dir, TIMM, null);
    file("README.md", readme);
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      return checkpoint.license();
    }
  }

  @Test
  void theModelCardDeclaresTheLicence() throws IOException {
    assertEquals(Optional.of("mit"), licenseOf("---\ntags:\n- x\nlicense: mit\n---\n# A model"));
    assertEquals(Optional.of("mit"), licenseOf("---\r\nlicense: 'mit'\r\n---\r\n"));
    assertEquals(
        Optional.of("dinov3-license"),
        licenseOf("---\nlicense: other\nlicense_name: dinov3-license\n---\n"));
    assertEquals(Optional.empty(), licenseOf("# A model\nlicense: mit\n"));
    assertEquals(Optional.empty(), licenseOf("---\ntags: x\n---\nlicense: mit\n"));
    assertEquals(Optional.empty(), licenseOf(""));
  }

  @Test
  void theConfigurationsLicenceComesFirst() throws IOException {
    Folders.timm(dir, "{\"license\": \"apache-2.0\"}");
    file("README.md", "---\nlicense: mit\n---\n");
    try (Checkpoint checkpoint = Checkpoint.open(dir)) {
      assertEquals(Optional.of("apache-2.0"), checkpoint.license());
    }
  }

  @Test
  void parametersAreCountedWithoutBuffers() {
    String header =
        """
        {"bn.weight": {"dtype": "F16", "shape": [4], "data_offsets": [0, 8]},
         "bn.running_mean": {"dtype": "F32", "shape": [4], "data_offsets": [8, 24]},
         "bn.running_var": {"dtype": "F32", "shape": [4], "data_offsets": [24, 40]},
         "bn.num_batches_tracked": {"dtype": "I64", "shape": [], "data_offsets": [40, 48]},
         "fc.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [48, 72]}}\
        """;
    byte[] json = header.getBytes(UTF_8);
    byte[] file =
        ByteBuffer.allocate(8 + json.length + 72)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .put(json)
            .array();
    try (Checkpoint checkpoint =
        Checkpoint.of(
            "small",
            JsonObject.parse("jar", TIMM.getBytes(UTF_8)),
            SafetensorsFile.of("m", file))) {
      assertEquals(10, checkpoint.parameterCount());
      assertEquals(
          Map.of(DType.F16, 4L, DType.F32, 14L, DType.I64, 1L), checkpoint.elementsByType());
      assertEquals("small", checkpoint.name());
    }
  }

  @Test
  void publishedCheckpointsAreOpened() {
    Path models = Path.of(System.getProperty("ocellus.testData", ""), "models");
    assumeTrue(Files.isDirectory(models), () -> models + " is not there");
    try (Checkpoint checkpoint = Checkpoint.open(models.resolve("tf_mobilenetv3_small_100"))) {
      assertEquals(2_542_856, checkpoint.parameterCount()); // as timm counts
      assertEquals(224, checkpoint.preprocessing().height());
    }
  }
}

package ocellus.models.arch;

import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.image.Preprocessor;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.RealWeights;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MobileNetV3Test {
  private static final String SMALL = "mobilenetv3_small_050";

  private static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new MobileNetV3(MobileNetV3.timmConfig(config), WeightScope.listing(listing));
    assertEquals(config.numClasses().orElse(1000), unused.classCount());
    return listing;
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    Map<String, Map<String, Shape>> presets = Listings.of("mobilenetv3");
    assertEquals(presets.keySet(), MobileNetV3.timmArchitectures());
    presets.forEach((p, expected) -> Listings.assertSame(p, expected, tensors(TimmConfigs.of(p))));
  }

  /** The gains are those of make_mobilenet_goldens.py. */
  @ParameterizedTest
  @CsvSource({
    "mobilenetv3_small_050, 1.5",
    "mobilenetv3_small_100, 1.5",
    "mobilenetv3_large_100, 1.25",
    "mobilenetv3_large_150d, 1.2",
    "mobilenetv3_rw, 1.4",
    "tf_mobilenetv3_small_075, 1.5",
    "tf_mobilenetv3_large_100, 1.25",
    "tf_mobilenetv3_large_minimal_100, 1.25",
    "arguments, 1.25",
    "small_image, 1.25"
  })
  void computesWhatTimmDoes(String name, float gain) {
    new SyntheticCase(MobileNetV3Test::tensors, MobileNetV3::timm)
        .verify("mobilenetv3/" + name, gain);
  }

  @Test
  void answersAsTimmWithPublishedWeights() {
    var real = new RealWeights("tf_mobilenetv3_small_100");
    try (Checkpoint checkpoint = real.open();
        Arena arena = Arena.ofConfined()) {
      var config = (TimmConfig) checkpoint.config();
      MobileNetV3 model = MobileNetV3.timm(config, checkpoint.weights(), Packer.into(arena));
      real.verify(model, new Preprocessor(checkpoint.preprocessing()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'act_layer': null, model_args.act_layer",
        "'pad_type': 'valid', model_args.pad_type",
        "'act_layer': 'mish', model_args.act_layer",
        "'global_pool': '', model_args.global_pool",
        "'bn_eps': 0, model_args.bn_eps",
        "'bn_eps': '0.1', model_args.bn_eps",
        "'depth_multiplier': 1e9, model_args.depth_multiplier",
        "'in_chans': 0, model_args.in_chans",
        "'channel_multiplier': 0.5, model_args.channel_multiplier",
        "'head_norm': true, model_args.head_norm",
        "'num_features': 640, model_args.num_features",
        "'stem_size': 24, model_args.stem_size"
      })
  void refusesArgumentsByName(String args, String named) {
    assertRefused(named, () -> MobileNetV3.timmConfig(TimmConfigs.of(SMALL, args)));
  }

  @Test
  void ignoresWhatIsForTraining() {
    String args = "'drop_rate': 0.2, 'drop_path_rate': 0.1, 'bn_momentum': 0.01";
    assertEquals(
        MobileNetV3.timmConfig(TimmConfigs.of(SMALL)),
        MobileNetV3.timmConfig(TimmConfigs.of(SMALL, args)));
  }

  @Test
  void ignoresCountersOfBatchesAndNothingElse() {
    Map<String, Shape> tensors = tensors(TimmConfigs.of(SMALL));
    tensors.put("blocks.0.0.bn1.num_batches_tracked", Shape.of());
    load(tensors);
    tensors.put("blocks.0.0.bn1.gamma", Shape.of(16));
    assertDefect(Defect.UNEXPECTED, tensors);
  }

  @Test
  void aMissingBiasIsNotABiasOfZero() {
    Map<String, Shape> tensors = tensors(TimmConfigs.of(SMALL));
    tensors.remove("conv_head.bias");
    assertDefect(Defect.MISSING, tensors);
  }

  @Test
  void aTensorOfAnotherWidthIsRefused() {
    Map<String, Shape> tensors = tensors(TimmConfigs.of(SMALL));
    tensors.put("conv_stem.weight", Shape.of(8, 3, 3, 3));
    assertDefect(Defect.MISSHAPEN, tensors);
  }

  private static void assertDefect(Defect defect, Map<String, Shape> tensors) {
    var thrown = assertThrows(WeightException.class, () -> load(tensors));
    assertEquals(defect, thrown.defect(), thrown.getMessage());
  }

  private static void load(Map<String, Shape> tensors) {
    try (Arena arena = Arena.ofConfined()) {
      MobileNetV3.timm(TimmConfigs.of(SMALL), new SyntheticWeights(tensors), Packer.into(arena));
    }
  }

  @Test
  void aReleasedWorkspaceGivesTheSameAnswerWithoutGrowing() {
    TimmConfig config = TimmConfigs.of(SMALL, "'num_classes': 3");
    var weights = new SyntheticWeights(tensors(config));
    try (Arena arena = Arena.ofConfined()) {
      MobileNetV3 model = MobileNetV3.timm(config, weights, Packer.into(arena));
      Tensor image = SyntheticWeights.image(40, 61);
      Workspace ws = new Workspace();
      Mark mark = ws.mark();
      float[] first = model.logits(model.features(image, ws), ws).toArray();
      ws.release(mark);
      long bytes = ws.activationBytes();
      float[] second = model.logits(model.features(image, ws), ws).toArray();
      assertArrayEquals(first, second);
      assertEquals(bytes, ws.activationBytes());
    }
  }

  @Test
  void withoutClassesThereAreNoLogits() {
    TimmConfig config = TimmConfigs.of(SMALL, "'num_classes': 0");
    Map<String, Shape> tensors = tensors(config);
    assertTrue(tensors.keySet().stream().noneMatch(name -> name.startsWith("classifier")));
    try (Arena arena = Arena.ofConfined()) {
      MobileNetV3 model =
          MobileNetV3.timm(config, new SyntheticWeights(tensors), Packer.into(arena));
      Workspace ws = new Workspace();
      Tensor features = ws.tensor(model.featureCount());
      assertThrows(IllegalStateException.class, () -> model.logits(features, ws));
    }
  }
}

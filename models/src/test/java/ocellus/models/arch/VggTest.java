package ocellus.models.arch;

import static ocellus.models.arch.ModelChecks.assertDefect;
import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.VectorWidth;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VggTest {
  /** Few features between the fully connected layers, the first of which is 25088 wide. */
  private static final String NARROW = "'mlp_ratio': 0.002, 'num_classes': 7";

  /** As in make_vgg_goldens.py. */
  private static final float GAIN = 1.4f;

  private static final Pattern AMPLIFIED = Pattern.compile("features\\.\\d+\\.weight");

  /** What a configuration asks for. */
  static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new Vgg(Vgg.timmConfig(config), WeightScope.listing(listing));
    assertEquals(config.numClasses().orElse(1000), unused.classCount());
    return listing;
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    assertEquals(Listings.of("vgg").keySet(), Vgg.timmArchitectures());
    Listings.of("vgg")
        .forEach((p, expected) -> Listings.assertSame(p, expected, tensors(TimmConfigs.of(p))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"vgg16", "vgg11", "vgg13_bn", "vgg19_bn", "usual_map", "larger_map", "arguments"})
  void computesWhatTimmDoes(String name) {
    assumeTrue(VectorWidth.BITS > 0 || name.equals("arguments"), "too slow for scalar kernels");
    new SyntheticCase(VggTest::tensors, Vgg::timm).verify("vgg/" + name, AMPLIFIED, GAIN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vgg11", "vgg13_bn"})
  void torchvisionsNamesGiveTheSameModel(String architecture) {
    TimmConfig config = TimmConfigs.of(architecture, NARROW);
    try (Arena arena = Arena.ofConfined()) {
      WeightSource house = new SyntheticWeights(tensors(config));
      Map<String, String> names = new HashMap<>();
      Map<String, Shape> shapes = new HashMap<>();
      Listings.of("vgg_torchvision")
          .get(architecture)
          .forEach(
              (name, shape) -> {
                String own =
                    name.replace("classifier.0", "pre_logits.fc1")
                        .replace("classifier.3", "pre_logits.fc2")
                        .replace("classifier.6", "head.fc");
                names.put(name, own);
                if (shape.rank() == 2) {
                  Shape narrow = house.shape(own);
                  shapes.put(name, Shape.of(narrow.dim(0), narrow.size() / narrow.dim(0)));
                }
              });
      var theirs = new ReshapedWeights(new RenamedWeights(house, names), shapes);
      assertEquals(names.keySet(), theirs.names());
      Packer packer = Packer.into(arena);
      Tensor image = SyntheticWeights.image(40, 33);
      assertArrayEquals(
          logits(Vgg.timm(config, house, packer), image),
          logits(Vgg.timm(config, theirs, packer), image));
    }
  }

  private static float[] logits(Vgg model, Tensor image) {
    Workspace ws = new Workspace();
    return model.logits(model.features(image, ws), ws).toArray();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'output_stride': 16; model_args.output_stride",
        "'mlp_ratio': 0; model_args.mlp_ratio",
        "'mlp_ratio': 1e-6; model_args.mlp_ratio",
        "'act_layer': 'silu'; model_args.act_layer",
        "'norm_layer': 'batchnorm2d'; model_args.norm_layer",
        "'conv_layer': 'conv2d'; model_args.conv_layer",
        "'global_pool': ''; model_args.global_pool",
        "'global_pool': null; model_args.global_pool",
        "'in_chans': 0; model_args.in_chans"
      },
      delimiter = ';')
  void refusesArgumentsByName(String args, String named) {
    assertRefused(named, () -> Vgg.timmConfig(TimmConfigs.of("vgg11", args)));
  }

  @Test
  void refusesOtherTensorsByName() {
    TimmConfig config = TimmConfigs.of("vgg11", NARROW);
    Map<String, Shape> tensors = tensors(config);
    tensors.put("features.1.weight", Shape.of(64));
    assertDefect(Defect.UNEXPECTED, "features.1.weight", Vgg::timm, config, tensors);
    tensors.remove("features.1.weight");
    tensors.put("pre_logits.fc1.weight", Shape.of(8, 512 * 49));
    assertDefect(Defect.MISSHAPEN, "pre_logits.fc1.weight", Vgg::timm, config, tensors);
    tensors.remove("pre_logits.fc1.weight");
    assertDefect(Defect.MISSING, "pre_logits.fc1.weight", Vgg::timm, config, tensors);
  }

  @Test
  void saysWhatItTakesAndLeavesItUnchanged() {
    TimmConfig config = TimmConfigs.of("vgg11", NARROW);
    try (Arena arena = Arena.ofConfined()) {
      Vgg model = Vgg.timm(config, new SyntheticWeights(tensors(config)), Packer.into(arena));
      assertTrue(model.accepts(32, 640));
      assertFalse(model.accepts(31, 640));
      assertEquals(4096, model.featureCount());
      Tensor image = SyntheticWeights.image(33, 40);
      ModelChecks.assertRepeatable(model, image);
    }
  }

  @Test
  void withoutClassesThereAreNoLogits() {
    TimmConfig config = TimmConfigs.of("vgg11", "'mlp_ratio': 0.002, 'num_classes': 0");
    try (Arena arena = Arena.ofConfined()) {
      Vgg model = Vgg.timm(config, new SyntheticWeights(tensors(config)), Packer.into(arena));
      ModelChecks.assertNoLogits(model);
    }
  }
}

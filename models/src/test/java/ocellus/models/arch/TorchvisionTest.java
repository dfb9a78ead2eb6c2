package ocellus.models.arch;

import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.VectorWidth;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.ImageModel;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AlexNet, SqueezeNet, GoogLeNet and Inception v3. */
class TorchvisionTest {
  /** As in make_torchvision_goldens.py. */
  private static final Pattern AMPLIFIED =
      Pattern.compile("(features|classifier)\\..*\\.weight|.*\\.bn\\.weight");

  private static final float GAIN = 1.4f;

  private static PlainNetwork build(TimmConfig config, WeightScope w) {
    return switch (config.architecture()) {
      case "alexnet" -> AlexNet.build(config, w);
      case "squeezenet1_0", "squeezenet1_1" -> SqueezeNet.build(config, w);
      case "googlenet" -> GoogLeNet.build(config, w);
      default -> InceptionV3.build(config, w);
    };
  }

  private static ImageModel load(TimmConfig config, WeightSource weights, Packer packer) {
    return switch (config.architecture()) {
      case "alexnet" -> AlexNet.timm(config, weights, packer);
      case "squeezenet1_0", "squeezenet1_1" -> SqueezeNet.timm(config, weights, packer);
      case "googlenet" -> GoogLeNet.timm(config, weights, packer);
      default -> InceptionV3.timm(config, weights, packer);
    };
  }

  /** What a configuration asks for. */
  static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = build(config, WeightScope.listing(listing));
    assertEquals(config.numClasses().orElse(1000), unused.classCount());
    // stored as a matrix, read as a convolution
    listing.computeIfPresent(
        "classifier.1.weight", (_, s) -> s.dim(2) == 6 ? Shape.of(4096, 256 * 36) : s);
    return listing;
  }

  /** Without the classifiers on the way, which are ignored. */
  @ParameterizedTest
  @ValueSource(strings = {"alexnet", "squeezenet1_0", "squeezenet1_1", "googlenet", "inception_v3"})
  void networksHaveTheTensorsOfTorchvision(String name) {
    Map<String, Shape> expected = Listings.of("torchvision").get(name);
    expected.keySet().removeIf(tensor -> tensor.matches("(aux[12]|AuxLogits)\\..*"));
    Listings.assertSame(name, expected, tensors(TimmConfigs.of(name)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alexnet",
        "alexnet_smallest",
        "alexnet_larger",
        "squeezenet1_0",
        "squeezenet1_1",
        "googlenet",
        "googlenet_small",
        "inception_v3",
        "inception_v3_arguments"
      })
  void computesWhatTorchvisionDoes(String name) {
    assumeTrue(VectorWidth.BITS > 0 || name.endsWith("small"), "too slow for scalar kernels");
    new SyntheticCase(TorchvisionTest::tensors, TorchvisionTest::load)
        .verify("torchvision/" + name, AMPLIFIED, GAIN);
  }

  @ParameterizedTest
  @CsvSource({"googlenet, aux2.fc1.weight", "inception_v3, AuxLogits.fc.weight"})
  void classifiersOnTheWayAreIgnored(String name, String tensor) {
    TimmConfig config = TimmConfigs.of(name, "'num_classes': 2");
    Map<String, Shape> tensors = tensors(config);
    tensors.put(tensor, Shape.of(2, 3));
    tensors.put("conv1.bn.num_batches_tracked", Shape.of());
    try (Arena arena = Arena.ofConfined()) {
      load(config, new SyntheticWeights(tensors), Packer.into(arena));
      tensors.put("aux3.weight", Shape.of(2, 3));
      var thrown =
          assertThrows(
              WeightException.class,
              () -> load(config, new SyntheticWeights(tensors), Packer.into(arena)));
      assertEquals(Defect.UNEXPECTED, thrown.defect());
      assertEquals("aux3.weight", thrown.tensorName());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "alexnet, 63, 4096",
    "squeezenet1_0, 21, 5",
    "squeezenet1_1, 17, 5",
    "googlenet, 15, 1024",
    "inception_v3, 75, 2048"
  })
  void saysWhatItTakesAndLeavesItUnchanged(String name, int least, int features) {
    TimmConfig config = TimmConfigs.of(name, "'num_classes': 5");
    try (Arena arena = Arena.ofConfined()) {
      ImageModel model = load(config, new SyntheticWeights(tensors(config)), Packer.into(arena));
      assertTrue(model.accepts(least, least));
      assertFalse(model.accepts(least - 1, 640));
      assertEquals(features, model.featureCount());
      assertEquals(5, model.classCount());
      Tensor image = SyntheticWeights.image(least, least);
      ModelChecks.assertRepeatable(model, image);
    }
  }

  @ParameterizedTest
  @CsvSource({"alexnet, 4096", "squeezenet1_1, 512", "googlenet, 1024", "inception_v3, 2048"})
  void withoutClassesThereAreFeaturesButNoLogits(String name, int features) {
    TimmConfig config = TimmConfigs.of(name, "'num_classes': 0");
    PlainNetwork model = build(config, WeightScope.listing(new LinkedHashMap<>()));
    assertEquals(0, model.classCount());
    assertEquals(features, model.featureCount());
    Tensor vector = Tensor.zeros(features);
    assertThrows(IllegalStateException.class, () -> model.logits(vector, new Workspace()));
  }

  @Test
  void whatIsForTrainingIsIgnored() {
    String args =
        "'dropout': 0.1, 'dropout_aux': 0.2, 'init_weights': false, 'aux_logits': true,"
            + " 'drop_rate': 0.1";
    for (String name : new String[] {"alexnet", "squeezenet1_0", "googlenet", "inception_v3"}) {
      assertEquals(tensors(TimmConfigs.of(name)), tensors(TimmConfigs.of(name, args)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "alexnet; 'transform_input': true; model_args.transform_input",
        "squeezenet1_0; 'version': '1_1'; model_args.version",
        "googlenet; 'blocks': []; model_args.blocks",
        "googlenet; 'transform_input': true, 'in_chans': 1; model_args.transform_input",
        "googlenet; 'transform_input': null; model_args.transform_input",
        "inception_v3; 'norm_layer': 'groupnorm'; model_args.norm_layer",
        "inception_v3; 'norm_eps': 0; model_args.norm_eps",
        "inception_v3; 'act_layer': 'mish'; model_args.act_layer",
        "inception_v3; 'global_pool': ''; model_args.global_pool"
      },
      delimiter = ';')
  void refusesArgumentsByName(String architecture, String args, String named) {
    assertRefused(named, () -> tensors(TimmConfigs.of(architecture, args)));
  }
}

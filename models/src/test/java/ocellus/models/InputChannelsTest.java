package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import ocellus.engine.OcellusException;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.VisionTransformer;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SparseCheckpoint;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks of grey images and of more channels than three, of every family. */
class InputChannelsTest {
  private static final LoadOptions OPTIONS = LoadOptions.defaults().withThreads(1);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "beit, beitv2_base_patch16_224, 224",
    "convnext, convnext_atto, 224",
    "convnext, convnextv2_atto, 224",
    "efficientnet, tf_efficientnet_b0, 224",
    "efficientnetv2, efficientnetv2_rw_t, 224",
    "eva, eva02_tiny_patch14_336, 336",
    "eva, vit_small_patch16_dinov3, 256",
    "fbnetv3, fbnetv3_b, 224",
    "hardcorenas, hardcorenas_a, 224",
    "lcnet, lcnet_035, 224",
    "mnasnet, mnasnet_100, 224",
    "mobilenetv1, mobilenetv1_100, 224",
    "mobilenetv2, mobilenetv2_035, 224",
    "mobilenetv3, mobilenetv3_small_050, 224",
    "mobilenetv4, mobilenetv4_conv_small, 224",
    "regnet, regnetx_002, 224",
    "resnet, resnet18, 224",
    "resnet, ecaresnet26t, 224",
    "senet, legacy_seresnet18, 224",
    "swin, swin_tiny_patch4_window7_224, 224",
    "swin, swinv2_tiny_window8_256, 256",
    "torchvision, alexnet, 224",
    "torchvision, googlenet, 224",
    "torchvision, inception_v3, 299",
    "torchvision, squeezenet1_1, 224",
    "vgg, vgg11, 224",
    "vit, vit_tiny_patch16_224, 224",
    "vit, vit_small_patch14_reg4_dinov2, 518",
  })
  void everyFamilyTakesImagesOfAnyNumberOfChannels(String family, String preset, int size)
      throws IOException {
    Map<String, Shape> tensors = Listings.of(family).get(preset);
    for (int channels : new int[] {1, 4}) {
      write(preset, tensors, channels, size);
      try (Checkpoint checkpoint = Checkpoint.open(folder)) {
        ModelOutline outline = ModelOutline.of(checkpoint, OPTIONS);
        assertEquals(channels, outline.network().inputChannels());
        assertTrue(outline.activationBytes() > 4L * channels * size * size);
      }
    }
  }

  /** A preset whose first convolution has another number of channels. */
  private void write(String preset, Map<String, Shape> tensors, int channels, int size)
      throws IOException {
    Map<String, Shape> adapted = new LinkedHashMap<>(tensors);
    for (Map.Entry<String, Shape> tensor : adapted.entrySet()) {
      Shape shape = tensor.getValue();
      if (shape.rank() == 4 && shape.dim(1) == 3) {
        tensor.setValue(Shape.of(shape.dim(0), channels, shape.dim(2), shape.dim(3)));
        break;
      }
    }
    long classes =
        adapted.entrySet().stream()
            .filter(
                t ->
                    t.getKey().matches("(.*\\.)?(head|fc|classifier|last_linear)(\\.\\w+)?\\.bias"))
            .mapToLong(t -> t.getValue().size())
            .reduce(0, (_, last) -> last);
    String config =
        """
        {"architecture": "%s", "num_classes": %d, "model_args": {"in_chans": %d},
         "pretrained_cfg": {"input_size": [%d, %d, %d]}}
        """
            .formatted(preset, classes, channels, channels, size, size);
    SparseCheckpoint.write(folder, config, "BF16", adapted);
  }

  @Test
  void weightsOfAnotherNumberOfChannelsAreRefused() throws IOException {
    String preset = "vit_tiny_patch16_224";
    write(preset, Listings.of("vit").get(preset), 1, 224);
    Path config = folder.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"in_chans\": 1", "\"in_chans\": 3"));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      var e = assertThrows(OcellusException.class, () -> ModelOutline.of(checkpoint, OPTIONS));
      assertTrue(
          e.getMessage()
              .contains("has shape [192, 1, 16, 16], the architecture needs [192, 3, 16, 16]"),
          e.getMessage());
    }
  }

  /** A checkpoint of which only the first channel of the image counts. */
  private record FirstChannel(WeightSource file) implements WeightSource {
    private static final String PATCHES = "patch_embed.proj.weight";

    @Override
    public Set<String> names() {
      return file.names();
    }

    @Override
    public Shape shape(String name) {
      Shape s = file.shape(name);
      return name.equals(PATCHES) ? Shape.of(s.dim(0), 1, s.dim(2), s.dim(3)) : s;
    }

    @Override
    public void read(String name, long from, float[] target, int offset, int count) {
      if (!name.equals(PATCHES)) {
        file.read(name, from, target, offset, count);
        return;
      }
      long taps = shape(name).dim(2) * shape(name).dim(3);
      for (int i = 0; i < count; i++) {
        long element = (from + i) / taps * 3 * taps + (from + i) % taps;
        file.read(name, element, target, offset + i, 1);
      }
    }

    @Override
    public String description() {
      return file.description();
    }
  }

  @Test
  void aGreyImageIsAColourImageOfOneChannel() throws IOException {
    Path golden = Goldens.folder("vit/class_token");
    String json = Files.readString(golden.resolve("config.json"));
    String grey = json.replaceFirst("\"model_args\": \\{", "\"model_args\": {\"in_chans\": 1,");
    TimmConfig config =
        TimmConfig.of(JsonObject.parse("grey", grey.getBytes(StandardCharsets.UTF_8)));
    try (Checkpoint checkpoint = Checkpoint.open(golden);
        Arena arena = Arena.ofConfined()) {
      WeightSource first = new FirstChannel(checkpoint.weights());
      ImageModel greyModel = VisionTransformer.timm(config, first, Packer.into(arena));
      ImageModel colourModel =
          VisionTransformer.timm(
              (TimmConfig) checkpoint.config(), checkpoint.weights(), Packer.into(arena));
      Tensor colours = SyntheticWeights.image(32, 32);
      Tensor greys = Tensor.zeros(32, 32, 1);
      for (int i = 0; i < greys.size(); i++) {
        greys.data()[i] = colours.data()[3 * i];
        colours.data()[3 * i + 1] = 0;
        colours.data()[3 * i + 2] = 0;
      }
      Workspace ws = new Workspace();
      Goldens.assertClose(
          "features",
          colourModel.features(colours, ws).toArray(),
          greyModel.features(greys, ws).toArray());
    }
  }
}

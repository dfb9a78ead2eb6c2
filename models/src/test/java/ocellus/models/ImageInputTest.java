package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import ocellus.engine.Tensor;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.image.Preprocessor;
import ocellus.loaders.image.RgbImage;
import ocellus.models.goldens.Goldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageInputTest {
  @TempDir private Path folder;

  @Test
  void aConvolutionalNetworkTakesTheSizeThatImagesArePreparedIn() throws IOException {
    copy("mobilenetv2/transformers_same", "MobileNetV2ImageProcessor");
    RgbImage image = RgbImage.of(70, 90, pixels(70 * 90 * RgbImage.CHANNELS));
    try (ImageEmbedder embedder = ImageEmbedder.load(folder);
        LoadedModel model = LoadedModel.load(folder, LoadOptions.defaults())) {
      Tensor prepared = new Preprocessor(model.preprocessing()).apply(image);
      assertTrue(prepared.shape().is(48, 40, 3), prepared.toString());
      float[] expected = model.features(List.of(prepared)).getFirst();
      assertArrayEquals(expected, embedder.embed(image));
    }
  }

  @Test
  void aTransformerDoesNot() throws IOException {
    copy("vit/transformers", "BitImageProcessor");
    var thrown = assertThrows(CheckpointException.class, () -> ImageEmbedder.load(folder));
    assertTrue(thrown.getMessage().contains("48 x 40"), thrown.getMessage());
  }

  private void copy(String golden, String processor) throws IOException {
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(Goldens.folder(golden).resolve(file), folder.resolve(file));
    }
    Files.writeString(
        folder.resolve("preprocessor_config.json"),
        """
        {"image_processor_type": "%s",
         "size": {"shortest_edge": 60}, "crop_size": {"height": 48, "width": 40}}
        """
            .formatted(processor));
  }

  private static byte[] pixels(int count) {
    byte[] pixels = new byte[count];
    for (int i = 0; i < count; i++) {
      pixels[i] = (byte) (i * i / 7);
    }
    return pixels;
  }
}

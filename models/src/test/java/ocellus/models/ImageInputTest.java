package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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

  @Test
  void anyAspectRatioIsTakenAsItIs() throws IOException {
    copy("siglip2/vision", null);
    processor("{'patch_size': 4, 'max_num_patches': 23}");
    RgbImage wide = RgbImage.of(90, 30, pixels(90 * 30 * RgbImage.CHANNELS));
    RgbImage tall = RgbImage.of(10, 70, pixels(10 * 70 * RgbImage.CHANNELS));
    Path file = Files.write(folder.resolve("tall.ppm"), ppm(tall));
    try (ImageEmbedder embedder = ImageEmbedder.load(folder);
        LoadedModel model = LoadedModel.load(folder, LoadOptions.defaults())) {
      Preprocessor preprocessor = new Preprocessor(model.preprocessing());
      assertTrue(preprocessor.apply(wide).shape().is(12, 28, 3));
      assertTrue(preprocessor.apply(tall).shape().is(44, 8, 3));
      for (RgbImage image : List.of(wide, tall)) {
        float[] expected = model.features(List.of(preprocessor.apply(image))).getFirst();
        assertArrayEquals(expected, embedder.embed(image));
      }
      assertArrayEquals(embedder.embed(tall), embedder.embedFiles(List.of(file)).getFirst());
    }
  }

  @Test
  void aNetworkOfOneSizeDoesNotTakeAnyAspectRatio() throws IOException {
    copy("vit/transformers", null);
    processor("{'patch_size': 8, 'max_num_patches': 16}"); // its own size, if images are square
    var thrown = assertThrows(CheckpointException.class, () -> ImageEmbedder.load(folder));
    assertTrue(thrown.getMessage().contains("8 x 128"), thrown.getMessage());
  }

  private void processor(String json) throws IOException {
    String text =
        json.replace('\'', '"')
            .replace("{", "{\"image_processor_type\": \"Siglip2ImageProcessor\", ");
    Files.writeString(folder.resolve("preprocessor_config.json"), text);
  }

  private static byte[] ppm(RgbImage image) {
    String header = "P6 %d %d 255\n".formatted(image.width(), image.height());
    byte[] head = header.getBytes(StandardCharsets.US_ASCII);
    byte[] file = Arrays.copyOf(head, head.length + image.data().length);
    System.arraycopy(image.data(), 0, file, head.length, image.data().length);
    return file;
  }

  private void copy(String golden, String processor) throws IOException {
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(Goldens.folder(golden).resolve(file), folder.resolve(file));
    }
    if (processor == null) {
      return;
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

package ocellus.models;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import ocellus.loaders.image.RgbImage;

/**
 * The first 200 test pictures of Fashion-MNIST with their classes, and what the reference library
 * says of them; {@code src/reference/train_default.py} writes the files.
 */
final class FashionPictures {
  private static final String IMAGES = "/default/fashion-200-images.idx3.gz";
  private static final String LABELS = "/default/fashion-200-labels.idx1.gz";
  private static final String EXPECTED = "/default/expected.txt";

  private FashionPictures() {}

  /** The grey pictures, repeated over the three channels. */
  static List<RgbImage> images() {
    try (DataInputStream in = open(IMAGES)) {
      in.readInt(); // type and rank
      int count = in.readInt();
      int height = in.readInt();
      int width = in.readInt();
      List<RgbImage> images = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        byte[] grey = in.readNBytes(height * width);
        byte[] rgb = new byte[RgbImage.CHANNELS * grey.length];
        for (int p = 0; p < rgb.length; p++) {
          rgb[p] = grey[p / RgbImage.CHANNELS];
        }
        images.add(RgbImage.of(width, height, rgb));
      }
      return images;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] labels() {
    try (DataInputStream in = open(LABELS)) {
      in.readInt(); // type and rank
      return in.readNBytes(in.readInt());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What the reference says of one picture.
   *
   * @param predicted the class with the largest logit
   * @param logits computed in double precision
   */
  record Expected(int predicted, List<Double> logits) {}

  static List<Expected> expected() {
    try (var in = FashionPictures.class.getResourceAsStream(EXPECTED)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .map(line -> List.of(line.split(" ")))
          .map(
              words ->
                  new Expected(
                      Integer.parseInt(words.get(2)),
                      words.subList(3, words.size()).stream().map(Double::valueOf).toList()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DataInputStream open(String resource) throws IOException {
    return new DataInputStream(
        new GZIPInputStream(FashionPictures.class.getResourceAsStream(resource)));
  }
}

package ocellus.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import ocellus.loaders.image.RgbImage;
import ocellus.models.ImageClassifier;
import ocellus.models.Prediction;

/**
 * Measures how many of the 10,000 test pictures of Fashion-MNIST the model that ships with Ocellus
 * recognises.
 *
 * <p>Its arguments are the two files of the data set that hold them, {@code
 * t10k-images-idx3-ubyte.gz} and {@code t10k-labels-idx1-ubyte.gz}.
 */
public final class FashionMnistAccuracy {
  private static final int BATCH = 500;

  private FashionMnistAccuracy() {}

  /** Prints the share of pictures whose best class is the right one. */
  public static void main(String[] args) throws IOException {
    List<RgbImage> images = readImages(Path.of(args[0]));
    byte[] labels = readLabels(Path.of(args[1]));
    int right = 0;
    try (ImageClassifier classifier = ImageClassifier.builtIn()) {
      for (int from = 0; from < images.size(); from += BATCH) {
        List<RgbImage> batch = images.subList(from, Math.min(from + BATCH, images.size()));
        List<List<Prediction>> predictions = classifier.classify(batch, 1);
        for (int i = 0; i < batch.size(); i++) {
          right += predictions.get(i).getFirst().index() == labels[from + i] ? 1 : 0;
        }
      }
    }
    System.out.printf(
        "%d of %d right, %.2f %%%n", right, images.size(), 100.0 * right / images.size());
  }

  /** The pictures of an IDX file, grey as they are. */
  private static List<RgbImage> readImages(Path file) throws IOException {
    try (DataInputStream in = open(file)) {
      in.readInt(); // type and rank
      int count = in.readInt();
      int height = in.readInt();
      int width = in.readInt();
      List<RgbImage> images = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        byte[] grey = in.readNBytes(height * width);
        byte[] rgb = new byte[RgbImage.CHANNELS * grey.length];
        for (int p = 0; p < rgb.length; p++) {
          rgb[p] = grey[p / RgbImage.CHANNELS];
        }
        images.add(RgbImage.of(width, height, rgb));
      }
      return images;
    }
  }

  private static byte[] readLabels(Path file) throws IOException {
    try (DataInputStream in = open(file)) {
      in.readInt(); // type and rank
      return in.readNBytes(in.readInt());
    }
  }

  private static DataInputStream open(Path file) throws IOException {
    InputStream compressed = Files.newInputStream(file);
    return new DataInputStream(new GZIPInputStream(compressed));
  }
}

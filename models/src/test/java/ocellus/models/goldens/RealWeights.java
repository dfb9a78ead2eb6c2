package ocellus.models.goldens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.IntStream;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.image.ImageOptions;
import ocellus.loaders.image.Images;
import ocellus.loaders.image.Preprocessor;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;

/**
 * A published checkpoint and photographs, with what timm answers on them: test data that is not
 * part of the project.
 */
public final class RealWeights {
  private static final int TOP = 5;

  private final Path folder;
  private final Path photographs;

  /** Skips the test where the data is not there. */
  public RealWeights(String model) {
    Path data = Path.of(System.getProperty("ocellus.testData", "no-data"));
    this.folder = data.resolve("models").resolve(model);
    this.photographs = data.resolve("imagenet-sample");
    assumeTrue(Files.isDirectory(folder), () -> "no real weights in " + folder);
    assumeTrue(Files.isDirectory(photographs), () -> "no photographs in " + photographs);
  }

  /** The checkpoint, for the caller to close. */
  public Checkpoint open() {
    return Checkpoint.open(folder);
  }

  /**
   * That a model of {@link #open} has timm's five best classes for every photograph, in order, and
   * its logits within {@link Goldens#TOLERANCE} where they are known.
   */
  public void verify(ImageModel model, Preprocessor preprocessor) {
    JsonObject answers = JsonObject.read(folder.resolve("expected.json")).object("images");
    assertTrue(answers.keys().size() > 0, "no answers");
    ImageOptions asTimm = ImageOptions.DEFAULT.withIgnoreExif(true);
    Workspace ws = new Workspace();
    for (String name : answers.keys()) {
      Mark mark = ws.mark();
      Tensor image = preprocessor.apply(Images.read(photographs.resolve(name), asTimm));
      float[] logits = model.logits(model.features(image, ws), ws).toArray();
      ws.release(mark);
      JsonObject answer = answers.object(name);
      assertArrayEquals(answer.integers("top5"), best(logits), name);
      if (answer.has("logits")) {
        Goldens.assertClose(name, floats(answer.numbers("logits")), logits);
      }
    }
  }

  private static int[] best(float[] logits) {
    return IntStream.range(0, logits.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -logits[i]))
        .limit(TOP)
        .mapToInt(i -> i)
        .toArray();
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}

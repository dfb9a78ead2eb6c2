package ocellus.models.goldens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.loaders.safetensors.SafetensorsFile;
import ocellus.models.ImageModel;

/**
 * What the reference library computes, in double precision, written by goldens.py: an image, the
 * stages of the network by the names that it gives them in {@link Workspace#stage}, features and
 * logits.
 */
public final class Goldens {
  /**
   * By how much an activation may differ, relative to the largest of its tensor. The project
   * promises this of logits; single precision by itself gives about a tenth of it.
   */
  public static final double TOLERANCE = 2e-5;

  /** Before the name of a stage of which the golden has only some elements. */
  private static final String SAMPLED = "sampled.";

  private static final String FILE = "golden.safetensors";
  private static final String OPEN_CLIP = "open_clip_config.json";
  private static final Set<String> NOT_STAGES = Set.of("input", "features", "embedding", "logits");

  private final Map<String, Tensor> tensors;

  private Goldens(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /**
   * The folder of a small checkpoint.
   *
   * @param name family and case, as in {@code vit/class_token}
   */
  public static Path folder(String name) {
    String folder = "/goldens/" + name + "/";
    boolean openClip = Goldens.class.getResource(folder + OPEN_CLIP) != null;
    return resource(folder + (openClip ? OPEN_CLIP : "config.json")).getParent();
  }

  /** What the reference computed from the checkpoint in {@link #folder}. */
  public static Goldens of(String name) {
    return new Goldens(read(folder(name).resolve(FILE)));
  }

  /** The same for another image, in {@code IMAGE.safetensors}. */
  public static Goldens of(String name, String image) {
    return new Goldens(read(folder(name).resolve(image + ".safetensors")));
  }

  /** What the reference computed from {@link SyntheticWeights}, for the synthetic image. */
  public static Goldens fullSize(String family, String preset) {
    return new Goldens(tensors(family + "/full/" + preset));
  }

  /** The tensors of the file {@code goldens/NAME.safetensors}. */
  public static Map<String, Tensor> tensors(String name) {
    return read(resource("/goldens/" + name + ".safetensors"));
  }

  private static Path resource(String name) {
    URL url = Goldens.class.getResource(name);
    if (url == null) {
      throw new IllegalArgumentException("no resource " + name);
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  static Map<String, Tensor> read(Path path) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (String name : file.names()) {
        Tensor tensor = Tensor.zeros(file.shape(name).toArray());
        file.read(name, 0, tensor.data(), 0, tensor.size());
        tensors.put(name, tensor);
      }
    }
    return tensors;
  }

  /** The image, {@code [height, width, 3]}. */
  public Tensor input() {
    return tensors.get("input");
  }

  /** That {@code model} computes the same from {@link #input()}: every stage, features, logits. */
  public void verify(ImageModel model) {
    verify(model, input());
  }

  /** That {@code model} computes the same from {@code image}: every stage, features, logits. */
  public void verify(ImageModel model, Tensor image) {
    Set<String> unseen = new LinkedHashSet<>(tensors.keySet());
    unseen.removeAll(NOT_STAGES);
    Workspace ws = new Workspace();
    ws.observe(
        (name, tensor) -> {
          if (unseen.remove(name)) {
            assertClose(name, tensor);
          } else if (unseen.remove(SAMPLED + name)) {
            assertSampleClose(SAMPLED + name, tensor);
          } else {
            fail("stage " + name + " has no golden, or came twice");
          }
        });
    verifyResults(model, image, ws);
    assertEquals(Set.of(), unseen, "stages that did not come");
  }

  /** That {@code model} computes the same features and logits from {@code image}. */
  public void verifyResults(ImageModel model, Tensor image) {
    verifyResults(model, image, new Workspace());
  }

  private void verifyResults(ImageModel model, Tensor image, Workspace ws) {
    Tensor features = model.features(image, ws);
    assertClose("features", features);
    float[] embedding = model.embedding(features.toArray());
    assertEquals(model.embeddingCount(), embedding.length, "length of the embedding");
    if (tensors.containsKey("embedding")) {
      assertClose("embedding", tensors.get("embedding").toArray(), embedding);
    }
    Tensor logits = tensors.get("logits");
    assertEquals(logits == null ? 0 : logits.size(), model.classCount(), "number of classes");
    if (logits != null) {
      assertClose("logits", model.logits(features, ws));
    }
  }

  private void assertClose(String name, Tensor actual) {
    Tensor expected = tensors.get(name);
    assertEquals(expected.shape(), actual.shape(), name);
    assertClose(name, expected.toArray(), actual.toArray());
  }

  /** As {@link #assertClose}, for elements at equal distances, which goldens.py's sample took. */
  private void assertSampleClose(String name, Tensor actual) {
    float[] expected = tensors.get(name).toArray();
    float[] sample = new float[expected.length];
    for (int i = 0; i < sample.length; i++) {
      long index = (long) i * actual.size() / sample.length;
      sample[i] = actual.data()[actual.offset() + (int) index];
    }
    assertClose(name, expected, sample);
  }

  /** That two tensors are equal within {@link #TOLERANCE}. */
  public static void assertClose(String name, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length, name);
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    int worst = 0;
    double worstError = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) expected[i] - actual[i]);
      double error = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
      if (error > worstError) {
        worst = i;
        worstError = error;
      }
    }
    if (worstError > TOLERANCE * largest) {
      fail(
          "%s[%d] is %s, expected %s: %.1e of the largest, %s"
              .formatted(
                  name, worst, actual[worst], expected[worst], worstError / largest, largest));
    }
  }
}

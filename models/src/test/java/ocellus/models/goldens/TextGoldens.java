package ocellus.models.goldens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.loaders.tokenizer.TextTokens;
import ocellus.models.TextModel;

/**
 * What the reference library's text tower computes, in double precision, written by
 * text_goldens.py: ids, the stages of the tower, features.
 */
public final class TextGoldens {
  private static final Set<String> NOT_STAGES = Set.of("ids", "mask", "features", "logits");

  private final Map<String, Tensor> tensors;

  private TextGoldens(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /** What the reference computed from the checkpoint in {@link Goldens#folder}. */
  public static TextGoldens of(String name) {
    return new TextGoldens(Goldens.read(Goldens.folder(name).resolve("text.safetensors")));
  }

  /** The ids of each text, and which of them are padding that is masked. */
  public List<TextTokens> texts() {
    List<float[]> ids = rows(tensors.get("ids"));
    List<float[]> masks = tensors.containsKey("mask") ? rows(tensors.get("mask")) : List.of();
    List<TextTokens> texts = new ArrayList<>();
    for (int t = 0; t < ids.size(); t++) {
      int[] text = new int[ids.get(t).length];
      for (int i = 0; i < text.length; i++) {
        text[i] = (int) ids.get(t)[i];
      }
      texts.add(masks.isEmpty() ? TextTokens.of(text) : masked(text, masks.get(t)));
    }
    return texts;
  }

  private static TextTokens masked(int[] ids, float[] mask) {
    int offset = 0;
    while (mask[offset] == 0) {
      offset++;
    }
    int length = 0;
    while (offset + length < mask.length && mask[offset + length] == 1) {
      length++;
    }
    return new TextTokens(ids, offset, length, false);
  }

  /** What the reference says of the golden image and each text. */
  public float[] logits() {
    return tensors.get("logits").toArray();
  }

  /** The features of each text. */
  public List<float[]> features() {
    return rows(tensors.get("features"));
  }

  private static List<float[]> rows(Tensor tensor) {
    List<float[]> rows = new ArrayList<>();
    float[] all = tensor.toArray();
    for (int at = 0; at < all.length; at += tensor.channels()) {
      rows.add(Arrays.copyOfRange(all, at, at + tensor.channels()));
    }
    return rows;
  }

  /**
   * That {@code model} computes the same, every stage and the features, and of a text alone the
   * same bits as of all.
   */
  public void verify(TextModel model) {
    List<TextTokens> texts = texts();
    assertEquals(texts.getFirst().ids().length, model.contextLength());
    Set<String> unseen = new LinkedHashSet<>(tensors.keySet());
    unseen.removeAll(NOT_STAGES);
    Workspace ws = new Workspace();
    ws.observe(
        (name, tensor) -> {
          assertTrue(unseen.remove(name), name);
          assertEquals(tensors.get(name).shape(), tensor.shape(), name);
          Goldens.assertClose(name, tensors.get(name).toArray(), tensor.toArray());
        });
    Tensor features = model.features(texts, ws);
    assertEquals(Set.of(), unseen, "stages that did not come");
    assertEquals(model.featureCount(), features.channels());
    Goldens.assertClose("features", tensors.get("features").toArray(), features.toArray());
    List<float[]> together = rows(features);
    for (int i = 0; i < texts.size(); i++) {
      float[] alone = model.features(List.of(texts.get(i)), new Workspace()).toArray();
      assertArrayEquals(together.get(i), alone);
    }
  }
}

package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Map;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.ImageModel;
import ocellus.models.goldens.SyntheticWeights;

/** What has to hold for every network. */
final class ModelChecks {
  private ModelChecks() {}

  /**
   * That a pass leaves the image as it was, and that a second one has the same bits and takes no
   * more memory.
   */
  static void assertRepeatable(ImageModel model, Tensor image) {
    float[] before = image.toArray();
    Workspace ws = new Workspace();
    Mark mark = ws.mark();
    float[] first = model.logits(model.features(image, ws), ws).toArray();
    ws.release(mark);
    long bytes = ws.activationBytes();
    assertArrayEquals(first, model.logits(model.features(image, ws), ws).toArray());
    assertEquals(bytes, ws.activationBytes());
    assertArrayEquals(before, image.toArray());
  }

  /** That a model without a head has no classes, and says so when it is asked for logits. */
  static void assertNoLogits(ImageModel model) {
    assertEquals(0, model.classCount());
    Tensor features = Tensor.zeros(model.featureCount());
    assertThrows(IllegalStateException.class, () -> model.logits(features, new Workspace()));
  }

  /** That weights of these names and shapes are refused because of one of them. */
  static void assertDefect(
      Defect defect,
      String tensor,
      SyntheticCase.Build build,
      TimmConfig config,
      Map<String, Shape> tensors) {
    try (Arena arena = Arena.ofConfined()) {
      var weights = new SyntheticWeights(tensors);
      var thrown =
          assertThrows(WeightException.class, () -> build.of(config, weights, Packer.into(arena)));
      assertEquals(defect, thrown.defect(), thrown.getMessage());
      assertEquals(tensor, thrown.tensorName());
    }
  }
}

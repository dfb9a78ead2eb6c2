package ocellus.models.arch;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.layers.Linear;
import ocellus.models.ImageModel;

/**
 * An image tower whose features are mapped into the space of a text tower's. Immutable,
 * thread-safe.
 *
 * @param tower without a classification head
 */
record ProjectedModel(ImageModel tower, Linear projection) implements ImageModel {
  @Override
  public int inputHeight() {
    return tower.inputHeight();
  }

  @Override
  public int inputWidth() {
    return tower.inputWidth();
  }

  @Override
  public boolean accepts(int height, int width) {
    return tower.accepts(height, width);
  }

  @Override
  public int inputChannels() {
    return tower.inputChannels();
  }

  @Override
  public int featureCount() {
    return projection.outFeatures();
  }

  @Override
  public int classCount() {
    return 0;
  }

  @Override
  public int imagesAtOnce() {
    return tower.imagesAtOnce();
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor result = ws.tensor(featureCount());
    Mark mark = ws.mark();
    projection.forward(tower.features(image, ws), result, ws); // f = p W^T
    ws.release(mark);
    return result;
  }

  @Override
  public Tensor features(List<Tensor> images, Workspace ws) {
    Tensor results = ws.tensor(images.size(), featureCount());
    Mark mark = ws.mark();
    projection.forward(tower.features(images, ws), results, ws); // f = p W^T
    ws.release(mark);
    return results;
  }

  @Override
  public Tensor logits(Tensor features, Workspace ws) {
    throw new IllegalStateException("this model has no classification head");
  }
}

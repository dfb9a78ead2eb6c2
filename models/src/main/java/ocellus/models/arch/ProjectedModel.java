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
 * @param featureCount of the features once mapped
 */
record ProjectedModel(ImageModel tower, int featureCount, Mapping mapping) implements ImageModel {
  /** How features are mapped. Immutable, thread-safe. */
  @FunctionalInterface
  interface Mapping {
    /**
     * @param features {@code [features]} or {@code [images, features]}
     * @param results as many rows
     */
    void forward(Tensor features, Tensor results, Workspace ws);
  }

  /** A tower with a linear map of what it pooled. */
  static ProjectedModel linear(ImageModel tower, Linear linear) {
    return new ProjectedModel(tower, linear.outFeatures(), linear::forward);
  }

  /** A network whose classification head is the map. */
  static ProjectedModel ofHead(ImageModel network) {
    return new ProjectedModel(
        network,
        network.classCount(),
        (features, results, ws) -> {
          Tensor mapped = network.logits(features, ws);
          System.arraycopy(
              mapped.data(), mapped.offset(), results.data(), results.offset(), results.size());
        });
  }

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
    mapping.forward(tower.features(image, ws), result, ws); // f = mapping(p)
    ws.release(mark);
    return result;
  }

  @Override
  public Tensor features(List<Tensor> images, Workspace ws) {
    Tensor results = ws.tensor(images.size(), featureCount());
    Mark mark = ws.mark();
    mapping.forward(tower.features(images, ws), results, ws); // f = mapping(p)
    ws.release(mark);
    return results;
  }

  @Override
  public Tensor logits(Tensor features, Workspace ws) {
    throw new IllegalStateException("this model has no classification head");
  }
}

package ocellus.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import ocellus.engine.Tensor;
import ocellus.models.ImageModel;
import ocellus.models.LoadOptions;
import ocellus.models.LoadedModel;

/** Ocellus on a checkpoint and random images. */
final class OcellusSide implements Side {
  private final String name;
  private final LoadedModel model;
  private final List<Tensor> images = new ArrayList<>();

  OcellusSide(Path directory, int threads, int batch) {
    this("Ocellus", directory, LoadOptions.defaults().withThreads(threads), batch);
  }

  OcellusSide(String name, Path directory, LoadOptions options, int batch) {
    this.name = name;
    model = LoadedModel.load(directory, options);
    ImageModel network = model.network();
    for (int i = 0; i < batch; i++) {
      images.add(
          KernelRun.randomTensor(
              network.inputHeight(), network.inputWidth(), network.inputChannels()));
    }
  }

  /** What it runs on, {@code [height, width, channels]} each. */
  List<Tensor> images() {
    return images;
  }

  @Override
  public String name() {
    return name;
  }

  /** Bytes that the model's matrices take. */
  long weightBytes() {
    return model.weightBytes().values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public float[] logits() {
    return results().getFirst();
  }

  @Override
  public double[] passes(double millis) {
    return Side.time(this::results, millis);
  }

  /** Logits, or the features of a network without a head. */
  private List<float[]> results() {
    return model.network().classCount() == 0 ? model.features(images) : model.logits(images);
  }

  @Override
  public void close() {
    model.close();
  }
}

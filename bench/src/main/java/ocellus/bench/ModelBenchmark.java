package ocellus.bench;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.models.ImageModel;
import ocellus.models.LoadOptions;
import ocellus.models.LoadedModel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Forward passes of whole models. {@code -p model=DIR} takes a checkpoint of one's own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class ModelBenchmark {
  private static final String BUILT_IN = "built-in";

  @Param(BUILT_IN)
  public String model;

  @Param({"1", "2"})
  public int threads;

  @Param({"1", "8"})
  public int batch;

  private LoadedModel loaded;
  private List<Tensor> images;

  @Setup
  public void setUp() {
    LoadOptions options = LoadOptions.defaults().withThreads(threads);
    loaded =
        model.equals(BUILT_IN)
            ? LoadedModel.builtIn(options)
            : LoadedModel.load(Path.of(model), options);
    ImageModel network = loaded.network();
    Tensor image =
        KernelRun.randomTensor(
            network.inputHeight(), network.inputWidth(), network.inputChannels());
    images = Collections.nCopies(batch, image);
  }

  @TearDown
  public void tearDown() {
    loaded.close();
  }

  @Benchmark
  public List<float[]> forward() {
    return loaded.network().classCount() == 0 ? loaded.features(images) : loaded.logits(images);
  }
}

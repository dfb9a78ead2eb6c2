package ocellus.bench;

import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.KernelSet;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.Window;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Pooling, the gates of squeeze-and-excitation and residual sums: bound by the caches. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MapBenchmark {
  @Param public LayerShapes.Map shape;

  private final Workspace ws = new Workspace();
  private Window window;
  private Tensor x;
  private Tensor factors;
  private Tensor y;

  @Setup
  public void setUp() {
    int size = shape.size;
    window = Window.of(size, size, 3, 2, 1, new Window.Padding.Fixed(1));
    x = KernelRun.randomTensor(size, size, shape.channels);
    factors = KernelRun.randomTensor(shape.channels);
    y = output();
    Tensor expected = output();
    KernelSet reference = Kernels.reference();
    switch (shape.kind) {
      case AVERAGE -> reference.averageRows(x, expected, ws);
      case SCALE -> reference.scaleChannels(x, factors, expected, ws);
      case ADD -> reference.add(expected, x, ws);
      case MAX_3X3_STRIDE_2 -> reference.maxPool(x, window, expected, ws);
    }
    KernelRun.requireEqual(run(), expected);
  }

  private Tensor output() {
    return switch (shape.kind) {
      case AVERAGE -> Tensor.zeros(shape.channels);
      case SCALE, ADD -> Tensor.zeros(shape.size, shape.size, shape.channels);
      case MAX_3X3_STRIDE_2 -> Tensor.zeros(window.outHeight(), window.outWidth(), shape.channels);
    };
  }

  /** One kernel; the sum grows from run to run. */
  @Benchmark
  public Tensor run() {
    switch (shape.kind) {
      case AVERAGE -> Kernels.averageRows(x, y, ws);
      case SCALE -> Kernels.scaleChannels(x, factors, y, ws);
      case ADD -> Kernels.add(y, x, ws);
      case MAX_3X3_STRIDE_2 -> Kernels.maxPool(x, window, y, ws);
    }
    return y;
  }
}

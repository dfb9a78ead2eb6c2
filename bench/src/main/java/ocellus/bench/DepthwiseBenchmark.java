package ocellus.bench;

import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
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

/** Depthwise convolutions. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class DepthwiseBenchmark {
  @Param public LayerShapes.Depthwise shape;

  private final Workspace ws = new Workspace();
  private Window window;
  private Tensor x;
  private float[] w;
  private float[] bias;
  private Tensor y;

  @Setup
  public void setUp() {
    window =
        Window.of(
            shape.size,
            shape.size,
            shape.kernel,
            shape.stride,
            1,
            new Window.Padding.Fixed(shape.kernel / 2));
    x = KernelRun.randomTensor(shape.size, shape.size, shape.channels);
    w = KernelRun.random(window.taps() * shape.channels);
    bias = KernelRun.random(shape.channels);
    y = Tensor.zeros(window.outHeight(), window.outWidth(), shape.channels);
    Tensor expected = Tensor.zeros(window.outHeight(), window.outWidth(), shape.channels);
    Kernels.reference().depthwise(x, window, w, bias, Activation.HARD_SWISH, expected, ws);
    KernelRun.requireEqual(convolve(), expected);
  }

  /** {@code hard_swish(depthwise(x) + bias)}. */
  @Benchmark
  public Tensor convolve() {
    Kernels.depthwise(x, window, w, bias, Activation.HARD_SWISH, y, ws);
    return y;
  }
}

package ocellus.bench;

import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Convolutions in small groups: RegNetX, ResNeXt. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class GroupedBenchmark {
  @Param public LayerShapes.Grouped shape;

  private final Workspace ws = new Workspace();
  private Arena arena;
  private PackedMatrix w;
  private Window window;
  private Tensor x;
  private float[] bias;
  private Tensor y;

  @Setup
  public void setUp() {
    arena = Arena.ofShared();
    int size = shape.size;
    int kernel = LayerShapes.Grouped.KERNEL;
    window = Window.of(size, size, kernel, shape.stride, 1, new Window.Padding.Fixed(1));
    x = KernelRun.randomTensor(size, size, shape.channels);
    w = KernelRun.randomMatrix(arena, window.taps() * shape.group, shape.channels);
    bias = KernelRun.random(shape.channels);
    y = Tensor.zeros(window.outHeight(), window.outWidth(), shape.channels);
    Tensor expected = Tensor.zeros(window.outHeight(), window.outWidth(), shape.channels);
    Kernels.reference().groupedConv2d(x, window, w, bias, null, Activation.RELU, expected, ws);
    KernelRun.requireEqual(convolve(), expected);
  }

  @TearDown
  public void tearDown() {
    arena.close();
  }

  /** {@code relu(conv(x) + bias)}. */
  @Benchmark
  public Tensor convolve() {
    Kernels.groupedConv2d(x, window, w, bias, null, Activation.RELU, y, ws);
    return y;
  }
}

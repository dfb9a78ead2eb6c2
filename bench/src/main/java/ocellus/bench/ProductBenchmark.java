package ocellus.bench;

import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.PackedMatrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Fully connected layers and 1x1 convolutions. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ProductBenchmark {
  @Param public LayerShapes.Product shape;

  private final Workspace ws = new Workspace();
  private Arena arena;
  private Tensor x;
  private PackedMatrix w;
  private float[] bias;
  private Tensor y;

  @Setup
  public void setUp() {
    arena = Arena.ofShared();
    x = KernelRun.randomTensor(shape.rows, shape.k);
    w = KernelRun.randomMatrix(arena, shape.k, shape.n);
    bias = KernelRun.random(shape.n);
    y = Tensor.zeros(shape.rows, shape.n);
    Tensor expected = Tensor.zeros(shape.rows, shape.n);
    Kernels.reference().linear(x, w, bias, null, Activation.GELU, expected, ws);
    KernelRun.requireEqual(multiply(), expected);
  }

  @TearDown
  public void tearDown() {
    arena.close();
  }

  /** {@code gelu(x W + bias)}. */
  @Benchmark
  public Tensor multiply() {
    Kernels.linear(x, w, bias, null, Activation.GELU, y, ws);
    return y;
  }
}

package ocellus.bench;

import java.util.concurrent.TimeUnit;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.AttentionKernels;
import ocellus.engine.kernels.Kernels;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Multi-head self-attention, between the projections. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AttentionBenchmark {
  private static final float SCALE = 0.125f;

  @Param public LayerShapes.SelfAttention shape;

  private final Workspace ws = new Workspace();
  private Tensor qkv;
  private Tensor y;

  @Setup
  public void setUp() {
    qkv = KernelRun.randomTensor(shape.tokens, 3L * shape.dim);
    y = Tensor.zeros(shape.tokens, shape.dim);
    Tensor expected = Tensor.zeros(shape.tokens, shape.dim);
    Kernels.reference().attention(qkv, shape.heads, SCALE, null, expected, ws);
    KernelRun.requireEqual(attend(), expected);
  }

  /** {@code softmax(q k^T scale) v}. */
  @Benchmark
  public Tensor attend() {
    AttentionKernels.attention(qkv, shape.heads, SCALE, y, ws);
    return y;
  }
}

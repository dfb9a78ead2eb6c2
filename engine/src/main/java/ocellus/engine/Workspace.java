package ocellus.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import ocellus.engine.threads.Threads;

/**
 * The memory of one forward pass: a stack of tensors over one growing array, the scratch space of
 * each thread that takes part, and the threads themselves.
 *
 * <p>{@link #mark()} and {@link #release} bracket what is temporary. After a first pass has shown
 * how much is needed, later passes of the same kind allocate nothing. A workspace serves one call
 * at a time; it is not thread-safe.
 */
public final class Workspace {
  /**
   * Tensors start at multiples of this many floats: 64 bytes, a cache line and a 512-bit vector.
   */
  private static final int ALIGNMENT = 16;

  /**
   * The first element of a large array that lies on a 64-byte boundary, behind a header of 16
   * bytes: where vectors don't straddle cache lines, they are loaded and stored in half the time.
   */
  public static final int FIRST_ALIGNED = 12;

  /**
   * Large enough that the G1 collector gives an array a region of its own, which begins on a
   * boundary, if regions have up to 4 MB. Under other collectors arrays begin anywhere.
   */
  private static final int SMALLEST_ARRAY = 1 << 19;

  /** Of the arrays that serve until a first pass has shown how much is needed. */
  private static final int SMALLEST_CHUNK = 1 << 16;

  private final Threads threads;
  private final boolean measures;
  private final List<float[]> chunks = new ArrayList<>();
  private final List<Tensor> slots = new ArrayList<>();
  private final List<Mark> marks = new ArrayList<>();
  private final Shapes shapes = new Shapes();
  private final List<Object> reusables = new ArrayList<>();
  private float[][] scratch;
  private BiConsumer<String, Tensor> observer;

  // The top of the stack: the chunk in use, the first free element in it, the elements taken of all
  // chunks, the next tensor slot, and the marks that are not released.
  private int chunk;
  private int free = FIRST_ALIGNED;
  private long taken;
  private int slot;
  private int marked;

  private long mostTaken;

  /** A workspace whose kernels run on the calling thread alone. */
  public Workspace() {
    this(Threads.SERIAL);
  }

  /** A workspace whose kernels share their work among {@code threads}. */
  public Workspace(Threads threads) {
    this(threads, false);
  }

  private Workspace(Threads threads, boolean measures) {
    this.threads = threads;
    this.measures = measures;
    this.scratch = new float[threads.count()][0];
  }

  /**
   * A workspace for passes of which only {@link #activationBytes} matters: its tensors have shapes
   * but take no memory, kernels do nothing with them, and the results are meaningless.
   */
  public static Workspace measuring() {
    return new Workspace(Threads.SERIAL, true);
  }

  /** Whether passes are only measured, see {@link #measuring()}. */
  public boolean measures() {
    return measures;
  }

  /** Who does the work of kernels that are given this workspace. */
  public Threads threads() {
    return threads;
  }

  /** An uninitialised tensor, valid until release to a mark taken before. */
  public Tensor tensor(int d0) {
    return push(d0, -1, -1);
  }

  /** An uninitialised tensor {@code [d0, d1]}, valid until release to a mark taken before. */
  public Tensor tensor(int d0, int d1) {
    return push(d0, d1, -1);
  }

  /** An uninitialised tensor {@code [d0, d1, d2]}, valid until release to a mark taken before. */
  public Tensor tensor(int d0, int d1, int d2) {
    return push(d0, d1, d2);
  }

  /** An uninitialised tensor of {@code other}'s shape. */
  public Tensor like(Tensor other) {
    return push(other.shape());
  }

  /**
   * The elements of {@code tensor}, from its {@code from}-th on, under another shape. Not a copy.
   */
  public Tensor view(Tensor tensor, int from, int d0) {
    return view(tensor, from, shapes.of(d0, -1, -1));
  }

  /**
   * The elements of {@code tensor}, from its {@code from}-th on, under another shape. Not a copy.
   */
  public Tensor view(Tensor tensor, int from, int d0, int d1) {
    return view(tensor, from, shapes.of(d0, d1, -1));
  }

  /**
   * The elements of {@code tensor}, from its {@code from}-th on, under another shape. Not a copy.
   */
  public Tensor view(Tensor tensor, int from, int d0, int d1, int d2) {
    return view(tensor, from, shapes.of(d0, d1, d2));
  }

  private Tensor view(Tensor tensor, int from, Shape shape) {
    Tensor view = nextSlot();
    if (measures) {
      view.setShape(shape);
    } else {
      view.set(tensor.data(), tensor.offset() + from, shape);
    }
    return view;
  }

  /** The top of the stack, for {@link #release}. Valid until then. */
  public Mark mark() {
    if (marked == marks.size()) {
      marks.add(new Mark(marked));
    }
    Mark mark = marks.get(marked++);
    mark.chunk = chunk;
    mark.free = free;
    mark.taken = taken;
    mark.slot = slot;
    return mark;
  }

  /** Gives back every tensor made, and forgets every mark taken, since {@code mark} was. */
  public void release(Mark mark) {
    marked = mark.depth;
    chunk = mark.chunk;
    free = mark.free;
    taken = mark.taken;
    slot = mark.slot;
    if (slot == 0 && !isOneArray() && !measures) {
      joinChunks();
    }
  }

  /** A position of the stack. Belongs to its workspace, which uses it again once released. */
  public static final class Mark {
    private final int depth;
    private int chunk;
    private int free;
    private long taken;
    private int slot;

    private Mark(int depth) {
      this.depth = depth;
    }
  }

  /**
   * An array of at least {@code size} floats that belongs to {@code worker} during a parallel
   * region. What is read and written by vectors had better begin at {@link #FIRST_ALIGNED}.
   */
  public float[] scratch(int worker, int size) {
    float[] array = scratch[worker];
    if (array.length < size) {
      array = new float[Math.max(SMALLEST_ARRAY, Math.addExact(size, size / 4))];
      scratch[worker] = array;
    }
    return array;
  }

  /**
   * The workspace's own object of this type, made at the first request: what a kernel would
   * otherwise allocate at each call, such as the description of a parallel region.
   */
  public <T> T reusable(Class<T> type, Supplier<T> create) {
    for (int i = 0; i < reusables.size(); i++) {
      Object object = reusables.get(i);
      if (object.getClass() == type) {
        return type.cast(object);
      }
    }
    T object = create.get();
    reusables.add(object);
    return object;
  }

  /** Has {@code observer} see the named intermediate results of the passes that follow. */
  public void observe(BiConsumer<String, Tensor> observer) {
    this.observer = observer;
  }

  /** Shows an intermediate result to the observer, if there is one. */
  public void stage(String name, Tensor tensor) {
    if (observer != null) {
      observer.accept(name, tensor);
    }
  }

  /** As {@link #stage(String, Tensor)}, under the name {@code name.index}. */
  public void stage(String name, int index, Tensor tensor) {
    if (observer != null) {
      observer.accept(name + "." + index, tensor);
    }
  }

  /** Bytes that the tensors of the largest pass so far took, alignment included. */
  public long activationBytes() {
    return mostTaken * Float.BYTES;
  }

  private Tensor push(int d0, int d1, int d2) {
    return push(shapes.of(d0, d1, d2));
  }

  private Tensor push(Shape shape) {
    Tensor tensor = nextSlot();
    int size = aligned(Math.toIntExact(shape.size()));
    if (measures) {
      tensor.setShape(shape);
    } else {
      reserve(size);
      tensor.set(chunks.get(chunk), free, shape);
      free += size;
    }
    taken += size;
    mostTaken = Math.max(mostTaken, taken);
    return tensor;
  }

  private Tensor nextSlot() {
    if (slot == slots.size()) {
      slots.add(Tensor.zeros(0));
    }
    return slots.get(slot++);
  }

  /** Moves on to a chunk with room for {@code size} elements. */
  private void reserve(int size) {
    while (chunk < chunks.size() && chunks.get(chunk).length - free < size) {
      chunk++;
      free = FIRST_ALIGNED;
    }
    if (chunk == chunks.size()) {
      long atLeast = (long) size + FIRST_ALIGNED;
      chunks.add(new float[Math.toIntExact(Math.max(atLeast, SMALLEST_CHUNK))]);
    }
  }

  /** Whether the chunks are what {@link #joinChunks} makes of them; so are none. */
  private boolean isOneArray() {
    return chunks.isEmpty() || (chunks.size() == 1 && chunks.getFirst().length >= SMALLEST_ARRAY);
  }

  private void joinChunks() {
    long all = mostTaken + FIRST_ALIGNED;
    if (all <= Integer.MAX_VALUE - 8) {
      chunks.clear();
      chunks.add(new float[(int) Math.max(all, SMALLEST_ARRAY)]);
    }
  }

  private static int aligned(int size) {
    return Math.addExact(size, ALIGNMENT - 1) & -ALIGNMENT;
  }

  @Override
  public String toString() {
    return "Workspace[" + activationBytes() + " bytes, " + slot + " tensors]";
  }
}

package ocellus.engine;

/** A checkpoint's tensors are not those that the architecture is made of. */
public final class WeightException extends OcellusException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with the tensor. */
  public enum Defect {
    /** The architecture needs it and the checkpoint does not have it. */
    MISSING,
    /** The checkpoint has it and the architecture has no use for it. */
    UNEXPECTED,
    /** It is there with another shape. */
    MISSHAPEN,
    /** It is there with an element type that holds no weights. */
    WRONG_TYPE,
    /** The format that it is to be packed in does not reach to one of its elements. */
    OUT_OF_RANGE
  }

  private final Defect defect;
  private final String tensorName;

  public WeightException(Defect defect, String tensorName, String message) {
    super(message);
    this.defect = defect;
    this.tensorName = tensorName;
  }

  public Defect defect() {
    return defect;
  }

  /** The full name of the tensor, as the architecture (or, if unexpected, the file) calls it. */
  public String tensorName() {
    return tensorName;
  }
}

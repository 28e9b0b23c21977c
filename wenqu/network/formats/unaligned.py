"""How are eight bytes read or written at any place at once?

Numba reads whole words only where a multiple of eight begins; processors read them anywhere.
"""

from typing import Any

from numba import extending, types

inlined: Any = extending.intrinsic


@inlined
def word_at(typing: Any, words: Any, at: Any) -> Any:
    """Return the eight bytes from a place on as one number; ``words`` are bytes eight by eight."""
    del typing, at

    def made(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = builder.load(_place(context, builder, signature, args))
        word.align = 1
        return word

    return types.uint64(words, types.int64), made


@inlined
def put_word(typing: Any, words: Any, at: Any, value: Any) -> Any:
    """Write a number as eight bytes from a place on; those behind must be there."""
    del typing, at, value

    def made(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _place(context, builder, signature, args), align=1)
        return context.get_dummy_value()

    return types.void(words, types.int64, types.uint64), made


@inlined
def turned(typing: Any, value: Any) -> Any:
    """Return a number whose bytes stand the other way round."""
    del typing, value

    def made(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        del context, signature
        return builder.bswap(args[0])

    return types.uint64(types.uint64), made


def _place(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Return the pointer to a byte of an array of words."""
    start = context.make_array(signature.args[0])(context, builder, args[0]).data
    kind = start.type
    number = builder.ptrtoint(start, args[1].type)
    return builder.inttoptr(builder.add(number, args[1]), kind)

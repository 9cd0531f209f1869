"""What asking registers with the stages below, once the app is ready."""


def connect() -> None:
    from vincle.engage.outbox import writing

    from . import answering, asking_work, invite_mail, loops, rounds_running

    writing.register(rounds_running.WRITER, invite_mail.writer)
    loops.register()
    answering.completed.connect(asking_work.completed, dispatch_uid="surveys.asking")

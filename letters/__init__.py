"""The written apology that each late dossier is owed (Decree 61/2018 art. 19.9; Chỉ thị 18/CT-UBND).

    obligations   verdicts on three bases -> owed | to_check | none, with the reason        pure
    forms         dated editions of the form: titles, wording, what is verified               data
    issuer        the agency: how it heads the letter and signs                               pure
    content       LetterFacts -> LetterContent | Lacking                                      pure
    layout        the measures of Decree 30/2020, appendix I, as constants                    pure
    skeleton      the empty package: fonts, paper, page number                                pure
    render        LetterContent -> bytes of a .docx; the only module that knows python-docx
    compiled      the same letter from prepared pieces, for thousands
    archive       a .docx package of which one member changes from letter to letter           pure
    register      names of files, folders and short codes; files written whole or not at all
    proof_sheet   a proof -> the blocks of the printed phiếu tính hạn; `_render`: its .docx; `_file`: from the store
    case          a dossier of the store -> its obligation and the facts of its letter
    issue         gather, decide, apply: drafts by the thousand, and the obligations due
    reissue       letters made again from the register: rewritten, exported, shown

No number and no date of issue are ever invented: the agency's document system gives them.
"""
